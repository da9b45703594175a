import HTTPTypes
import Hummingbird

/// What every page tells the browser.
enum PageHeaders {
    /// Nothing comes from elsewhere, nothing stands in the page itself, nobody frames it.
    static let contentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
        + "base-uri 'none'; frame-ancestors 'none'"

    private static let common: HTTPFields = [
        .contentType: "text/html; charset=utf-8", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
        .contentSecurityPolicy: contentSecurityPolicy, .crossOriginOpenerPolicy: "same-origin",
    ]
    private static let signedIn: HTTPFields = common + [.referrerPolicy: "same-origin"]
    private static let signedOut: HTTPFields = common + [.referrerPolicy: "no-referrer"]

    /// - Parameter isPublic: whether no session is needed for it.
    static func page(isPublic: Bool) -> HTTPFields { isPublic ? signedOut : signedIn }
}

extension Response {
    /// Sends a browser to a page of ours, by GET.
    static func seeOther(_ path: String) -> Response {
        Response(
            status: .seeOther,
            headers: [.location: path, .cacheControl: "no-store", .xContentTypeOptions: "nosniff", .referrerPolicy: "same-origin"])
    }
}
