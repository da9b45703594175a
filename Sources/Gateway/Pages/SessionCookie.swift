import Engine
import HTTPTypes
import Hummingbird

/// The cookie that holds an operator's session.
struct SessionCookie: Sendable {
    let publicURL: PublicURL

    private var isSecure: Bool { publicURL.text.hasPrefix("https://") }

    /// With the prefix, browsers take the cookie over TLS, for this host and for all its paths only (RFC 6265bis, 4.1.3.2).
    private var name: String { isSecure ? "__Host-attune-session" : "attune-session" }

    /// What the request's cookie holds; nil without one.
    func value(in headers: HTTPFields) -> String? {
        for field in headers where field.name == .cookie {
            for pair in field.value.split(separator: ";") {
                let pair = pair.trimmed
                guard let equals = pair.firstIndex(of: "="), pair[..<equals] == name else { continue }
                return String(pair[equals...].dropFirst())
            }
        }
        return nil
    }

    /// `Set-Cookie` for a new session.
    func field(_ value: String) -> HTTPField { field(value, maxAgeSeconds: Limits.sessionSeconds) }

    /// `Set-Cookie` that takes it away.
    var removal: HTTPField { field("", maxAgeSeconds: 0) }

    private func field(_ value: String, maxAgeSeconds: Int) -> HTTPField {
        let secure = isSecure ? "; Secure" : ""
        return HTTPField(name: .setCookie, value: "\(name)=\(value); Path=/; Max-Age=\(maxAgeSeconds); HttpOnly; SameSite=Lax\(secure)")
    }
}
