import Engine
import Hummingbird

/// Finds the session that the routes behind it need; without one the browser is sent from a page to log in.
struct OperatorAuthentication: RouterMiddleware {
    let sessions: OperatorSessions
    let cookie: SessionCookie
    /// Whether a person looks at the answer; programs get 401.
    let isPage: Bool

    @concurrent
    func handle(
        _ request: Request, context: GatewayContext, next: @concurrent (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        guard let session = cookie.value(in: request.headers).flatMap({ sessions.resume(cookie: $0) }) else {
            guard isPage else { throw EngineError(.unauthenticated, "This route needs an operator's session.") }
            // What a form would have done is not done after log-in: only where it stood is kept.
            let wanted = request.method == .get ? LocalPath(request.head.path ?? "/") : nil
            return .seeOther(wanted.map { "/login?next=\(PercentEncoding.component($0.text))" } ?? "/login")
        }
        sessions.noteUse(of: session)
        var context = context
        context.session = session
        return try await next(request, context)
    }
}
