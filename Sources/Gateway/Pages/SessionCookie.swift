import Engine
import HTTPTypes
import Hummingbird

/// The cookie that holds a session: an operator's, or a person's who looks after their own data.
struct SessionCookie: Sendable {
    let publicURL: PublicURL
    /// Whether the gateway itself speaks TLS.
    let servesTLS: Bool
    var plainName = "attune-session"
    var lifeSeconds = Limits.sessionSeconds
    /// Lax, so that links from elsewhere lead operators to where they point.
    var sameSite = "Lax"

    /// Whether the browser came over TLS: to the gateway, to the public address, or to a trusted proxy. The header is there only where
    /// a trusted proxy has sent it (`GatewayResponder`).
    private func isSecure(_ headers: HTTPFields) -> Bool {
        if servesTLS || publicURL.text.hasPrefix("https://") { return true }
        // The first is what the outermost proxy has seen.
        return headers[.forwardedProto]?.split(separator: ",").first.map { $0.trimmed.lowercased() == "https" } ?? false
    }

    /// With the prefix, browsers take the cookie over TLS, for this host and for all its paths only (RFC 6265bis, 4.1.3.2).
    private func name(_ headers: HTTPFields) -> String { isSecure(headers) ? "__Host-\(plainName)" : plainName }

    /// What the request's cookie holds; nil without one.
    func value(in headers: HTTPFields) -> String? {
        let name = name(headers)
        for field in headers where field.name == .cookie {
            for pair in field.value.split(separator: ";") {
                let pair = pair.trimmed
                guard let equals = pair.firstIndex(of: "="), pair[..<equals] == name else { continue }
                return String(pair[equals...].dropFirst())
            }
        }
        return nil
    }

    /// `Set-Cookie` for a new session, for whoever sent these headers.
    func field(_ value: String, for headers: HTTPFields) -> HTTPField { field(value, maxAgeSeconds: lifeSeconds, headers) }

    /// `Set-Cookie` that takes it away.
    func removal(for headers: HTTPFields) -> HTTPField { field("", maxAgeSeconds: 0, headers) }

    private func field(_ value: String, maxAgeSeconds: Int, _ headers: HTTPFields) -> HTTPField {
        let secure = isSecure(headers) ? "; Secure" : ""
        return HTTPField(
            name: .setCookie, value: "\(name(headers))=\(value); Path=/; Max-Age=\(maxAgeSeconds); HttpOnly; SameSite=\(sameSite)\(secure)")
    }
}
