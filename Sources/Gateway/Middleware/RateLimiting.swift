import Engine
import HTTPTypes
import Hummingbird

/// Refuses what a tenant sends beyond its rate, before a byte of the body is read.
///
/// Headers: draft-ietf-httpapi-ratelimit-headers, structured fields. The policy never changes, so its field is made once.
struct RateLimiting: RouterMiddleware {
    private let limiter: RateLimiter
    private let policy: HTTPField

    init(_ limiter: RateLimiter) {
        self.limiter = limiter
        policy = HTTPField(
            name: .rateLimitPolicy, value: "\"tenant\";q=\(limiter.requestsPerMinute);w=\(RateLimiter.windowSeconds)")
    }

    @concurrent
    func handle(
        _ request: Request, context: GatewayContext, next: @concurrent (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        guard let tenant = (context.scope ?? context.session?.scope)?.principal.tenant else { return try await next(request, context) }
        return try await limit(tenant) { try await next(request, context) }
    }

    /// Answers in the name of a tenant, within its rate.
    func limit(_ tenant: TenantName, _ answer: () async throws -> Response) async throws -> Response {
        let decision = limiter.admit(tenant)
        let limit = HTTPField(name: .rateLimit, value: "\"tenant\";r=\(decision.remaining);t=\(decision.resetSeconds)")
        guard decision.isAdmitted else {
            var problem = Problem(
                EngineError(.rateLimited, "This tenant has sent too many requests.", retryAfterSeconds: decision.resetSeconds))
            problem.headers.append(policy)
            problem.headers.append(limit)
            throw problem
        }
        var response = try await answer()
        response.headers.append(policy)
        response.headers.append(limit)
        return response
    }
}
