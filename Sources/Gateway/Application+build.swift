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
///   - metrics: What `/metrics` shows; to be bootstrapped as swift-metrics' backend where other meters shall appear too.
///   - onListening: Called with the port once connections are accepted.
/// - Throws: `StartError` for certificates and keys that cannot be had.
package func buildApplication(
    engine: AttuneEngine,
    configuration: GatewayConfiguration,
    readiness: Readiness,
    metrics: PrometheusRegistry,
    logger: Logger,
    onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
) throws -> some ApplicationProtocol {
    let router = buildRouter(engine: engine, configuration: configuration, readiness: readiness, metrics: metrics)
    let application = Application(
        responder: GatewayResponder(router: router, metrics: metrics),
        server: try .gateway(configuration),
        configuration: ApplicationConfiguration(
            address: .hostname(configuration.host, port: configuration.port),
            backlog: GatewayLimits.backlogConnections,
            availableConnectionsDelegate: .maximum(GatewayLimits.connectionsMax, logger: logger)
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
    fileprivate static func gateway(_ configuration: GatewayConfiguration) throws -> HTTPServerBuilder {
        let http1 = HTTP1Channel.Configuration(
            additionalChannelHandlers: [ContinueExpectation(), RequestReadDeadline()],
            idleTimeout: .seconds(GatewayLimits.idleSeconds),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: GatewayLimits.headerBytesMax,
                maxHeaderListSize: GatewayLimits.headerBytesMax,
                maxHeaderFieldCount: GatewayLimits.headerFieldsMax)
        )
        guard let certificatePath = configuration.tlsCertificatePath, let keyPath = configuration.tlsKeyPath else {
            return .http1(configuration: http1)
        }
        return try .http2Upgrade(
            tlsConfiguration: .server(certificatePath: certificatePath, keyPath: keyPath),
            configuration: .init(idleTimeout: .seconds(GatewayLimits.idleSeconds), streamConfiguration: http1))
    }
}
