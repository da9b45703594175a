import Engine
import Hummingbird
import Mustache
import NIOCore

/// The pages' templates, parsed once, and how a page is made of one: the template's text, in the layout, under the pages' headers.
///
/// What is inserted is escaped by `EscapedHTML`; the layout alone takes text as it is, and that is a template's.
struct PageLibrary: Sendable {
    private let library: MustacheLibrary

    static let shared: PageLibrary = {
        do {
            return try PageLibrary()
        } catch {
            preconditionFailure("a built-in template cannot be parsed")
        }
    }()

    private init() throws {
        let templates: [(String, [UInt8])] = [
            ("layout", PackageResources.layout_mustache), ("login", PackageResources.login_mustache),
            ("overview", PackageResources.overview_mustache), ("hours", PackageResources.hours_mustache),
            ("bars", PackageResources.bars_mustache), ("profiles", PackageResources.profiles_mustache),
            ("profile", PackageResources.profile_mustache), ("keys", PackageResources.keys_mustache),
            ("newkey", PackageResources.newkey_mustache), ("confirm", PackageResources.confirm_mustache),
            ("error", PackageResources.error_mustache), ("behavioral", PackageResources.behavioral_mustache),
            ("center", PackageResources.center_mustache), ("centerlink", PackageResources.centerlink_mustache),
            ("centererase", PackageResources.centererase_mustache), ("centerreceipt", PackageResources.centerreceipt_mustache),
            ("centernotice", PackageResources.centernotice_mustache), ("privacy", PackageResources.privacy_mustache),
            ("privacylog", PackageResources.privacylog_mustache), ("privacyconfirm", PackageResources.privacyconfirm_mustache),
        ]
        var library = MustacheLibrary()
        for (name, text) in templates {
            try library.register(EscapedHTML.pragma + String(decoding: text, as: UTF8.self), named: name)
        }
        self.library = library
    }

    /// - Parameters:
    ///   - template: one of the templates above.
    ///   - model: what the template names, as stored properties.
    ///   - frame: what stands around it.
    func page(_ template: String, _ model: some Sendable, in frame: PageFrame, status: HTTPResponse.Status = .ok) throws -> Response {
        var layout = Layout(frame)
        guard let main = library.render(model, withTemplate: template) else {
            throw Problem(.internalServerError, "There is no such page.")
        }
        layout.main = main
        guard let text = library.render(layout, withTemplate: "layout") else { throw Problem(.internalServerError, "There is no layout.") }
        return Response(
            status: status, headers: PageHeaders.page,
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}

/// What stands around a page.
struct PageFrame: Sendable {
    let title: String
    /// The path that the navigation marks; nil: none.
    var place: String?
    var session: OperatorSession?
    /// For a page with little on it.
    var isNarrow = false
    /// Where the name at the top leads to.
    var home = "/"
    /// A page of ours that the browser is to go on to by itself; nil: none.
    var continuesAt: String?

    /// The pages that the navigation leads to.
    static let places: [(path: String, name: String)] = [
        ("/", "Overview"), ("/profiles", "Profiles"), (BehavioralProfilesPage.path, "Behavior"), ("/privacy", "Privacy"), ("/keys", "Keys"),
    ]

    /// The one of `places` that a path belongs to.
    static func place(of path: String) -> (path: String, name: String)? {
        places.dropFirst().first(where: { path == $0.path || path.hasPrefix($0.path + "/") })
    }
}

/// What the layout names.
private struct Layout: Sendable {
    struct Link: Sendable {
        let href: String
        let label: String
        let isCurrent: Bool
    }

    struct Session: Sendable {
        let tenant: String
        let formToken: String
        let links: [Link]
    }

    let title: String
    let isNarrow: Bool
    let home: String
    let continuesAt: String?
    let stylesheet = PageAssets.stylesheet.path
    let script = PageAssets.script.path
    let session: Session?
    var main = ""

    init(_ frame: PageFrame) {
        title = frame.title
        isNarrow = frame.isNarrow
        home = frame.home
        continuesAt = frame.continuesAt
        session = frame.session.flatMap { session in
            guard let formToken = try? session.formToken() else { return nil }
            return Session(
                tenant: session.tenant, formToken: formToken,
                links: PageFrame.places.map { Link(href: $0.path, label: $0.name, isCurrent: $0.path == frame.place) })
        }
    }
}
