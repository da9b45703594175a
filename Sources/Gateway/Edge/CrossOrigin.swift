import Engine
import HTTPTypes
import Hummingbird

/// Requests from web pages of other origins (the CORS protocol of the Fetch standard) to the routes that browsers send events to.
///
/// A preflight says nothing of who will call, so every origin may ask; which origins a key is for is checked on the request itself.
enum CrossOrigin {
    private static let prefixes = ["/api/track/", "/v1/", "/api/consent/", "/api/behavioral-ml/track-interaction"]
    private static let maxAgeSeconds = 86_400
    /// Error trackers add `sentry-trace`, `baggage` and the like to every request of a page, so any header may come. `*` stands for all
    /// but `Authorization` (Fetch, CORS-preflight fetch, step 7.9); the others are for browsers that take `*` for a name.
    private static let requestHeaders =
        "*, Authorization, Content-Encoding, Content-Type, Idempotency-Key, Traceparent, Tracestate, X-Request-Id"

    static func isOpen(_ path: String) -> Bool { prefixes.contains { path.hasPrefix($0) } }

    /// The answer to a preflight; nil for what is none, or for routes that are for servers.
    static func preflight(_ request: Request) -> Response? {
        guard request.method == .options, request.headers[.accessControlRequestMethod] != nil, isOpen(request.uri.path) else { return nil }
        return Response(
            status: .noContent,
            headers: [
                .accessControlAllowOrigin: "*",
                .accessControlAllowMethods: "GET, POST, PUT",
                .accessControlAllowHeaders: requestHeaders,
                .accessControlMaxAge: String(maxAgeSeconds),
            ])
    }

    /// What lets a page read the answer, problems too: a tracker that cannot see a 429 cannot wait either. It does not depend on the
    /// request's origin, so that no cache mixes answers up, and never allows credentials: cookies say nothing here.
    static func expose(_ response: inout Response, to request: Request) {
        guard isOpen(request.uri.path) else { return }
        response.headers[.accessControlAllowOrigin] = "*"
        response.headers[.accessControlExposeHeaders] = "Retry-After, RateLimit, RateLimit-Policy, Idempotency-Replayed, X-Request-Id"
    }
}
