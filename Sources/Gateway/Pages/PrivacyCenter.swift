import Engine
import HTTPTypes
import Hummingbird
import NIOCore

/// Where a person looks after their own data, with a link from the tenant.
///
/// | method | path | permission |
/// | --- | --- | --- |
/// | GET | `/privacy-center?token=` | a user token with privacy scopes alone, which is not spent |
/// | POST | `/privacy-center` | the same in the form, which is spent |
/// | GET | `/privacy-center`, `/privacy-center/receipt`, `/privacy-center/receipt.json` | a person's session |
/// | GET | `/privacy-center/export` | a person's session, exportUser |
/// | GET, POST | `/privacy-center/erase` | a person's session, eraseUser |
/// | POST | `/privacy-center/leave` | a person's session |
///
/// Mail scanners and previews of chats fetch every link: opening one shows a button and spends nothing. The button's form exchanges the
/// token for a cookie, which is SameSite=Strict. It does not come along when another site's page leads here: then a page of ours leads on
/// to itself, and it does.
struct PrivacyCenter {
    private struct Notice: Sendable {
        let heading: String
        let text: String
        var link: String?
        var linkText = ""
    }

    private static let path = "/privacy-center"

    private let engine: AttuneEngine
    private let cookie: SessionCookie
    /// By the tenants whose persons they are; nil: there is no bound.
    private let limiting: RateLimiting?

    init(engine: AttuneEngine, servesTLS: Bool, limiter: RateLimiter?) {
        self.engine = engine
        limiting = limiter.map { RateLimiting($0) }
        cookie = SessionCookie(
            publicURL: engine.publicURL, servesTLS: servesTLS, plainName: "attune-privacy", lifeSeconds: Limits.personSessionSeconds,
            sameSite: "Strict")
    }

    func add(to routes: some RouterMethods<GatewayContext>) {
        routes.group("privacy-center")
            .get(use: center)
            .post(use: exchange)
            .get("export", use: export)
            .get("erase", use: confirm)
            .post("erase", use: erase)
            .post("leave", use: leave)
            .get("receipt", use: receipt)
            .get("receipt.json", use: receiptFile)
    }

    // MARK: Coming in

    private func center(_ request: Request, _ context: GatewayContext) async throws -> Response {
        if let token = try QueryParameters(request.uri.query).text("token") { return try link(token) }
        return try await withSession(request) { session in
            let rows = CenterRows(try await session.holdings())
            let model = CenterModel(
                tenant: session.tenant, minutes: session.minutesLeft, hasRows: !rows.all.isEmpty, rows: rows.all,
                mayExport: session.mayExport, mayErase: session.mayErase, formToken: try session.formToken())
            return try Self.page("center", model, title: "Your data")
        }
    }

    /// The page of a link; spends nothing.
    private func link(_ token: String) throws -> Response {
        guard let refusal = try Self.refusal(for: engine.personSessions.look(at: token)) else {
            let title = "Your data"
            return try Self.page("centerlink", CenterLinkModel(token: token), title: title, isNarrow: true).withoutReferrer
        }
        return refusal.withoutReferrer
    }

    private func exchange(_ request: Request, _ context: GatewayContext) async throws -> Response {
        // The link's page sends no referrer, and so its form comes with `Origin: null`. The token is what the form proves itself with.
        guard request.headers[.secFetchSite] != "cross-site" else { throw Problem(.forbidden, "This request comes from another site.") }
        let content = try await request.content(bytesMax: GatewayLimits.formBytesMax)
        let form = String(validating: content.readableBytesView, as: UTF8.self)
        let token = try QueryParameters(form).text("token") ?? QueryParameters(request.uri.query).text("token") ?? ""
        let session: PersonSession
        do throws(EngineError) {
            session = try await engine.personSessions.begin(token: token)
        } catch {
            // What has been good a moment ago was used by somebody else meanwhile.
            guard error.code == .unauthenticated || error.code == .forbidden,
                let refusal = try Self.refusal(for: engine.personSessions.look(at: token))
            else { throw error }
            return refusal.withoutReferrer
        }
        var response = Response.seeOther(Self.path).withoutReferrer
        response.headers.append(cookie.field(try session.cookie(), for: request.headers))
        return response
    }

    /// - Returns: nil for a link that is good.
    private static func refusal(for state: PersonSessions.LinkState) throws -> Response? {
        switch state {
        case .good: nil
        case .forbidden: try refusal("This link is for something else", "It does not open this page.", .forbidden)
        case .refused(.expired): try refusal("This link has expired", "Links work for a limited time.", .unauthorized)
        case .refused(.revoked): try refusal("This link has already been used", "Each link works once.", .unauthorized)
        case .refused(.invalid):
            try refusal(
                "This link is not complete",
                "Part of it is missing or has changed. Copy the whole link from the message that you got, and open it again.",
                .unauthorized)
        }
    }

    private func withSession(
        _ request: Request, _ body: (PersonSession) async throws -> Response
    ) async throws -> Response {
        if let session = cookie.value(in: request.headers).flatMap({ engine.personSessions.resume(cookie: $0) }) {
            guard let limiting else { return try await body(session) }
            return try await limiting.limit(session.scope.principal.tenant) { try await body(session) }
        }
        guard request.method == .get, request.headers[.secFetchSite] == "cross-site", request.uri.path == Self.path else {
            return try Self.refusal(
                "This page needs a link", "Without a link, or when some time has passed, nothing is shown.", .unauthorized)
        }
        let notice = Notice(heading: "Your data", text: "One moment, please.", link: Self.path, linkText: "Go on")
        return try Self.page("centernotice", notice, title: "Your data", isNarrow: true, continuesAt: Self.path)
    }

    private static func refusal(_ heading: String, _ text: String, _ status: HTTPResponse.Status) throws -> Response {
        let notice = Notice(heading: heading, text: "\(text) Ask whoever gave you the link for a new one.")
        var response = try page("centernotice", notice, title: heading, status: status, isNarrow: true)
        if status == .unauthorized { response.headers[.wwwAuthenticate] = "Bearer realm=\"attune\"" }
        return response
    }

    private static func page(
        _ template: String, _ model: some Sendable, title: String, status: HTTPResponse.Status = .ok, isNarrow: Bool = false,
        continuesAt: String? = nil
    ) throws -> Response {
        try PageLibrary.shared.page(
            template, model, in: PageFrame(title: title, isNarrow: isNarrow, home: path, continuesAt: continuesAt), status: status)
    }

    // MARK: Rights

    private func export(_ request: Request, _ context: GatewayContext) async throws -> Response {
        try await withSession(request) { session in
            guard session.mayExport else { throw Self.forbidden }
            let name = try QueryParameters(request.uri.query).text("format") ?? ExportFormat.json.rawValue
            guard let format = ExportFormat(rawValue: name) else { throw EngineError.invalid("/format", "must be json, ndjson or csv") }
            // Whoever only looks whether there is a file has exported nothing.
            guard request.method == .get else { return .download(nil, as: format, name: "my-data.\(format.rawValue)") }
            let export = try await engine.exports.export(session.scope, session.user, format: format)
            return .download(export, as: format, name: "my-data.\(format.rawValue)")
        }
    }

    private func confirm(_ request: Request, _ context: GatewayContext) async throws -> Response {
        try await withSession(request) { session in
            guard session.mayErase else { throw Self.forbidden }
            let total = try await session.holdings().reduce(0) { $0 + $1.count }
            let model = CenterEraseModel(
                tenant: session.tenant, total: total == 1 ? "1 entry" : "\(PageText.number(total)) entries", isEmpty: total == 0,
                formToken: try session.formToken())
            return try Self.page("centererase", model, title: total == 0 ? "Nothing to erase" : "Erase everything?")
        }
    }

    private func erase(_ request: Request, _ context: GatewayContext) async throws -> Response {
        try await withSession(request) { session in
            guard session.mayErase else { throw Self.forbidden }
            _ = try await PageForm(request, of: session)
            let receipt = try await engine.erasures.erase(session.scope, session.user)
            return .seeOther("\(Self.path)/receipt?id=\(receipt.id)")
        }
    }

    /// The browser forgets the session, which ends by itself soon after.
    private func leave(_ request: Request, _ context: GatewayContext) async throws -> Response {
        try await withSession(request) { session in
            _ = try await PageForm(request, of: session)
            let notice = Notice(heading: "You have left", text: "This browser shows nothing of you any more.")
            var response = try Self.page("centernotice", notice, title: "You have left", isNarrow: true)
            response.headers.append(cookie.removal(for: request.headers))
            return response
        }
    }

    private func receipt(_ request: Request, _ context: GatewayContext) async throws -> Response {
        try await withSession(request) { session in
            let receipt = try await Self.receipt(request, session, engine)
            guard
                let model = CenterReceiptModel(
                    receipt, keys: engine.publicURL.text, download: "\(Self.path)/receipt.json?id=\(receipt.id)")
            else {
                throw Problem(.internalServerError, "The receipt cannot be shown.")
            }
            return try Self.page("centerreceipt", model, title: "Your receipt")
        }
    }

    private func receiptFile(_ request: Request, _ context: GatewayContext) async throws -> Response {
        try await withSession(request) { session in
            var response = try Response.encoded(try await Self.receipt(request, session, engine))
            response.headers[.contentDisposition] = "attachment; filename=\"receipt.json\""
            return response
        }
    }

    private static func receipt(_ request: Request, _ session: PersonSession, _ engine: AttuneEngine) async throws -> Receipt {
        try await engine.audit.receipt(session.scope, id: try QueryParameters(request.uri.query).text("id") ?? "")
    }

    private static let forbidden = Problem(.forbidden, "The link was for something else.")
}

extension Response {
    /// Whose address holds a token: no other site is told of it.
    fileprivate var withoutReferrer: Response {
        var response = self
        response.headers[.referrerPolicy] = "no-referrer"
        return response
    }
}
