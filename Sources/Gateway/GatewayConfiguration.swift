/// How the gateway listens and what it lets in.
package struct GatewayConfiguration: Sendable {
    package var host: String
    /// 0: any free one, reported by `onListening`.
    package var port: Int
    /// Where clients reach the gateway when that is not `http://host:port`.
    package var publicURL: String?
    /// PEM files; with both: TLS, with HTTP/2 and HTTP/1.1 by ALPN.
    package var tlsCertificatePath: String?
    package var tlsKeyPath: String?
    /// Requests a minute for one tenant; 0: no limit.
    package var rateLimitPerMinute: Int
    /// Requests with events a minute for one key, and for one address that is not a tenant's server; 0: no limit.
    package var eventRateLimitPerKey: Int
    package var eventRateLimitPerAddress: Int
    package var connections: ConnectionLimits

    /// Whose `X-Forwarded-For` and `X-Forwarded-Proto` count.
    package var trustedProxies: TrustedProxies
    /// Whether each request gets a line in the log.
    package var logsRequests: Bool

    package init(
        host: String = "127.0.0.1",
        port: Int = 8080,
        publicURL: String? = nil,
        tlsCertificatePath: String? = nil,
        tlsKeyPath: String? = nil,
        rateLimitPerMinute: Int = 0,
        eventRateLimitPerKey: Int = 0,
        eventRateLimitPerAddress: Int = 0,
        connections: ConnectionLimits = ConnectionLimits(),
        trustedProxies: TrustedProxies = .none,
        logsRequests: Bool = false
    ) {
        self.host = host
        self.port = port
        self.publicURL = publicURL
        self.tlsCertificatePath = tlsCertificatePath
        self.tlsKeyPath = tlsKeyPath
        self.rateLimitPerMinute = rateLimitPerMinute
        self.eventRateLimitPerKey = eventRateLimitPerKey
        self.eventRateLimitPerAddress = eventRateLimitPerAddress
        self.connections = connections
        self.trustedProxies = trustedProxies
        self.logsRequests = logsRequests
    }
}
