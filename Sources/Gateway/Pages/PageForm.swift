import Engine
import HTTPTypes
import Hummingbird
import NIOCore

/// A form that a page of ours sent, and nobody else's.
struct PageForm: Sendable {
    private let fields: QueryParameters

    /// Reads a form that needs no session.
    /// - Throws: 403 where the browser says that another site sent it, 415 for what is no form.
    init(public request: Request) async throws {
        try RequestOrigin.check(request)
        guard case .form = ContentType(request.headers) else { throw Problem.unsupportedMediaType }
        let content = try await request.content(bytesMax: GatewayLimits.formBytesMax)
        guard let text = String(validating: content.readableBytesView, as: UTF8.self) else { throw EngineError.invalid("", "is not UTF-8") }
        fields = QueryParameters(text)
    }

    /// Reads a form of an operator's session.
    /// - Throws: 403 also where it lacks the session's token.
    init(_ request: Request, of session: OperatorSession) async throws {
        try await self.init(request, admits: session.admits)
    }

    /// Reads a form of a person's session.
    /// - Throws: 403 also where it lacks the session's token.
    init(_ request: Request, of session: PersonSession) async throws {
        try await self.init(request, admits: session.admits)
    }

    private init(_ request: Request, admits: (_ formToken: String) -> Bool) async throws {
        try await self.init(public: request)
        guard let token = try fields.text("formToken"), admits(token) else {
            throw Problem(.forbidden, "The form is not of this session. Load the page again, and send it again.")
        }
    }

    /// A field's value, blanks around it left out; nil where it is missing or empty.
    func text(_ name: String) throws(EngineError) -> String? {
        guard let text = try fields.text(name).map({ String($0.trimmed) }), !text.isEmpty else { return nil }
        return text
    }

    /// A field's value as it was sent, for what is compared by bytes, such as ids: a blank at its end is part of it. Empty where it is
    /// missing.
    func exactText(_ name: String) throws(EngineError) -> String { try fields.text(name) ?? "" }
}

/// Whether a request that changes something comes from a page of ours, as far as the browser says.
///
/// Browsers send `Sec-Fetch-Site` to TLS and loopback, and `Origin` with every POST. What says neither is no browser of today, and
/// carries no cookie by itself.
enum RequestOrigin {
    static func check(_ request: Request) throws(Problem) {
        let refusal = Problem(.forbidden, "This request comes from another site.")
        if let site = request.headers[.secFetchSite] {
            guard site == "same-origin" || site == "none" else { throw refusal }
            return
        }
        guard let origin = request.headers[.origin] else { return }
        let scheme = origin.prefix { $0 != ":" }
        guard origin == "\(scheme)://\(request.head.authority ?? "")" else { throw refusal }
    }
}
