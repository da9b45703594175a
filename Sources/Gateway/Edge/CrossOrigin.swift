import Engine
import HTTPTypes
import Hummingbird

/// Requests from web pages of other origins (the CORS protocol of the Fetch standard) to the routes that browsers send events to.
///
/// A preflight says nothing of who will call, so every origin may ask; which origins a key is for is checked on the request itself.
enum CrossOrigin {
    private static let prefixes = ["/api/track/", "/v1/", "/api/consent/"]
    private static let maxAgeSeconds = 86_400

    static func isOpen(_ path: String) -> Bool { prefixes.contains { path.hasPrefix($0) } }

    /// The answer to a preflight; nil for what is none, or for routes that are for servers.
    static func preflight(_ request: Request) -> Response? {
        guard request.method == .options, request.headers[.accessControlRequestMethod] != nil, isOpen(request.uri.path) else { return nil }
        return Response(
            status: .noContent,
            headers: [
                .accessControlAllowOrigin: "*",
                .accessControlAllowMethods: "GET, POST, PUT",
                .accessControlAllowHeaders: "Authorization, Content-Type, Content-Encoding, Idempotency-Key",
                .accessControlMaxAge: String(maxAgeSeconds),
                .vary: "Origin",
            ])
    }

    /// What lets a page read the answer. Nothing is ever sent with cookies.
    static func expose(_ response: inout Response, to request: Request) {
        guard request.headers[.origin] != nil, isOpen(request.uri.path) else { return }
        response.headers[.accessControlAllowOrigin] = "*"
        response.headers[.accessControlExposeHeaders] = "Retry-After, X-Request-Id"
    }
}
