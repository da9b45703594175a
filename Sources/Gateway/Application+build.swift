package import Engine
import HTTPTypes
package import Hummingbird
import HummingbirdCore
import HummingbirdHTTP2
package import Logging
import NIOCore
import NIOSSL

/// Builds the gateway.
/// - Parameters:
///   - readiness: Told when the gateway serves and when it drains; `/readyz` answers by it.
///   - metrics: Gets what `/metrics` shows of requests.
///   - onListening: Called with the port once connections are accepted.
/// - Throws: `StartError` for certificates and keys that cannot be had.
package func buildApplication(
    engine: AttuneEngine,
    configuration: GatewayConfiguration,
    readiness: Readiness,
    metrics: MetricsRegistry,
    logger: Logger,
    onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
) throws -> some ApplicationProtocol {
    let router = buildRouter(engine: engine, configuration: configuration, readiness: readiness, metrics: metrics)
    let connections = OpenConnections(configuration.connections, logger: logger)
    let cookie = SessionCookie(publicURL: engine.publicURL, servesTLS: configuration.tlsCertificatePath != nil)
    let application = Application(
        responder: GatewayResponder(
            router: router, metrics: metrics, proxies: configuration.trustedProxies, logsRequests: configuration.logsRequests,
            tenant: { headers in (try? engine.access.authenticate(Credential.read(from: headers)))?.principal.tenant.text },
            session: { headers in cookie.value(in: headers).flatMap { engine.sessions.resume(cookie: $0) } }
        ),
        server: try .gateway(configuration, connections),
        configuration: ApplicationConfiguration(
            address: .hostname(configuration.host, port: configuration.port),
            backlog: GatewayLimits.backlogConnections,
            availableConnectionsDelegate: ConnectionRoom(connections: connections)
        ),
        onServerRunning: { channel in
            readiness.beginServing()
            await onListening(channel.localAddress?.port ?? configuration.port)
        },
        logger: logger
    )
    return GatewayApplication(application, readiness: readiness)
}

extension HTTPServerBuilder {
    /// Plain HTTP/1.1, or with a certificate TLS with HTTP/2 and HTTP/1.1, as the client negotiates.
    fileprivate static func gateway(_ configuration: GatewayConfiguration, _ connections: OpenConnections) throws -> HTTPServerBuilder {
        let limits = configuration.connections
        // `ConnectionDeadlines` closes what is idle.
        let http1 = HTTP1Channel.Configuration(
            additionalChannelHandlers: [ContinueExpectation(), RequestProgress(limits)],
            idleTimeout: nil,
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: GatewayLimits.headerBytesMax,
                maxHeaderListSize: GatewayLimits.headerBytesMax,
                maxHeaderFieldCount: GatewayLimits.headerFieldsMax)
        )
        guard let certificatePath = configuration.tlsCertificatePath, let keyPath = configuration.tlsKeyPath else {
            return HTTPServerBuilder { responder in
                GuardedChannel(inner: HTTP1Channel(responder: responder, configuration: http1), connections: connections, limits: limits)
            }
        }
        let tls = try TLSConfiguration.server(certificatePath: certificatePath, keyPath: keyPath)
        // A client that keeps to the protocol is told to go before `ConnectionDeadlines` hangs up.
        let http2 = HTTP2ChannelConfiguration(
            idleTimeout: .nanoseconds(limits.idleTimeMax.nanoseconds), streamConfiguration: http1)
        return HTTPServerBuilder { responder in
            GuardedChannel(
                inner: try HTTP2UpgradeChannel(tlsConfiguration: tls, configuration: http2, responder: responder),
                connections: connections, limits: limits)
        }
    }
}
