import Engine
import Hummingbird

/// Finds the session that the pages behind it need; without one the browser is sent to log in.
struct OperatorAuthentication: RouterMiddleware {
    let sessions: OperatorSessions
    let cookie: SessionCookie

    @concurrent
    func handle(
        _ request: Request, context: GatewayContext, next: @concurrent (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        guard let session = cookie.value(in: request.headers).flatMap({ sessions.resume(cookie: $0) }) else {
            // What a form would have done is not done after log-in: only where it stood is kept.
            let wanted = request.method == .get ? LocalPath(request.head.path ?? "/") : nil
            return .seeOther(wanted.map { "/login?next=\(PercentEncoding.component($0.text))" } ?? "/login")
        }
        var context = context
        context.session = session
        return try await next(request, context)
    }
}
