import Engine
import Hummingbird

/// Refuses what a key or an address sends beyond its rate, before a byte of the body is read.
struct EventRateLimiting: RouterMiddleware {
    let limiter: EventLimiter

    @concurrent
    func handle(
        _ request: Request, context: GatewayContext, next: @concurrent (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        if let scope = context.scope { try limiter.admitSender(scope, address: context.address) }
        return try await next(request, context)
    }
}
