import Engine
import Hummingbird

/// Turns the request's credential into the scope that the routes behind it need.
struct Authentication: RouterMiddleware {
    let access: AccessControl

    @concurrent
    func handle(
        _ request: Request, context: GatewayContext, next: @concurrent (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.scope = try access.authenticate(Credential.read(from: request.headers))
        return try await next(request, context)
    }
}
