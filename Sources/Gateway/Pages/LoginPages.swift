import Engine
import HTTPTypes
import Hummingbird
import Logging

/// Signing in and out.
///
/// | method | path | permission |
/// | --- | --- | --- |
/// | GET, POST | `/login` | none needed |
/// | POST | `/logout` | a session |
struct LoginPages {
    private struct Model: Sendable {
        let next: String
        var error: String?
    }

    let sessions: OperatorSessions
    let cookie: SessionCookie
    let attempts = LoginAttempts()

    func add(to routes: some RouterMethods<GatewayContext>) {
        routes.get("login", use: form)
        routes.post("login", use: signIn)
    }

    func add(toSession routes: some RouterMethods<OperatorContext>) {
        routes.post("logout", use: signOut)
    }

    private func form(_ request: Request, _ context: GatewayContext) throws -> Response {
        let next = try Self.next(QueryParameters(request.uri.query).text("next"))
        let session = cookie.value(in: request.headers).flatMap { sessions.resume(cookie: $0) }
        if session != nil { return .seeOther(next) }
        return try page(Model(next: next), status: .ok)
    }

    private func signIn(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let form = try await PageForm(public: request)
        let next = try Self.next(form.text("next"))
        let key = try form.text("key") ?? ""
        // The right key is never turned away for what others at the same address have tried.
        guard let session = try? sessions.begin(key: key) else {
            return try refusal(next: next, address: LoginAttempts.name(of: context.address))
        }
        var response = Response.seeOther(next)
        response.headers.append(cookie.field(try session.cookie(), for: request.headers))
        context.requestLogger.info("An operator signed in.", metadata: ["key": "\(session.keyID)"])
        return response
    }

    /// The same for every key that is not good.
    private func refusal(next: String, address: String) throws -> Response {
        if let seconds = attempts.waitSeconds(address) {
            var response = try page(
                Model(next: next, error: "Too many attempts. Try again in \(seconds) seconds."), status: .tooManyRequests)
            response.headers[.retryAfter] = String(seconds)
            return response
        }
        attempts.noteFailure(address)
        var response = try page(Model(next: next, error: "This key is not valid for sign-in."), status: .unauthorized)
        response.headers[.wwwAuthenticate] = "Bearer realm=\"attune\""
        return response
    }

    private func signOut(_ request: Request, _ context: OperatorContext) async throws -> Response {
        _ = try await PageForm(request, of: context.session)
        var response = Response.seeOther("/login")
        do {
            try await sessions.end(context.session)
        } catch {
            let text = "You are signed out here, but the server could not record it. Revoke the key if someone else may have your session."
            response = try page(Model(next: "/", error: text), status: .serviceUnavailable)
        }
        response.headers.append(cookie.removal(for: request.headers))
        return response
    }

    private func page(_ model: Model, status: HTTPResponse.Status) throws -> Response {
        try PageLibrary.shared.page("login", model, in: PageFrame(title: "Sign in", isNarrow: true), status: status)
    }

    /// Where to go after log-in: a page of ours, or the overview.
    private static func next(_ text: String?) -> String { text.flatMap { LocalPath($0) }?.text ?? "/" }
}
