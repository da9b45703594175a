import Engine
import FoundationEssentials
import Gateway
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle

/// A gateway that listens on a port of its own, with deadlines short enough for tests.
struct LiveGateway {
    let port: Int

    /// Runs `body` beside the gateway, and ends it afterwards.
    /// - Parameter certificate: for TLS.
    static func run(
        _ limits: ConnectionLimits, certificate: TestCertificate? = nil, _ body: @escaping @Sendable (LiveGateway) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "attune-live-\(UInt64.random(in: 0...UInt64.max))")
        defer { try? FileManager.default.removeItem(at: folder) }
        let engine = try await AttuneEngine.open(
            AttuneEngine.Configuration(dataPath: folder.path(percentEncoded: false), publicURL: "http://127.0.0.1:8080"))
        var configuration = GatewayConfiguration(port: 0, connections: limits)
        configuration.tlsCertificatePath = certificate?.certificatePath
        configuration.tlsKeyPath = certificate?.keyPath
        var logger = Logger(label: "live-gateway-tests")
        logger.logLevel = .critical
        let (ports, listening) = AsyncStream.makeStream(of: Int.self)
        let application = try buildApplication(
            engine: engine, configuration: configuration, readiness: Readiness(), metrics: MetricsRegistry(), logger: logger
        ) { port in listening.yield(port) }
        let services = ServiceGroup(configuration: ServiceGroupConfiguration(services: [.init(service: application)], logger: logger))
        let failure = await withTaskGroup(of: (any Error)?.self, returning: (any Error)?.self) { group in
            group.addTask {
                defer { listening.finish() }
                return await caught { try await services.run() }
            }
            group.addTask {
                var iterator = ports.makeAsyncIterator()
                guard let port = await iterator.next() else { return nil }
                let failure = await caught { try await body(LiveGateway(port: port)) }
                await services.triggerGracefulShutdown()
                return failure
            }
            return await group.reduce(nil as (any Error)?) { $0 ?? $1 }
        }
        await engine.close()
        if let failure { throw failure }
    }

    private static func caught(_ body: () async throws -> Void) async -> (any Error)? {
        do {
            try await body()
            return nil
        } catch {
            return error
        }
    }

    /// A connection to the gateway.
    /// - Parameters:
    ///   - protocols: with TLS, for ALPN; nil: the bare connection.
    ///   - receiveBytes: of the kernel's buffer.
    func connect(protocols: [String]? = nil, receiveBytes: Int? = nil, reads: Bool = true) async throws -> LiveConnection {
        let (received, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).channelOption(.autoRead, value: reads)
        if let receiveBytes { bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: numericCast(receiveBytes)) }
        let channel = try await bootstrap.channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                if let protocols {
                    var configuration = TLSConfiguration.makeClientConfiguration()
                    configuration.certificateVerification = .none
                    configuration.applicationProtocols = protocols
                    let context = try NIOSSLContext(configuration: configuration)
                    try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil))
                }
                try channel.pipeline.syncOperations.addHandler(Receiver(continuation))
            }
        }.connect(host: "127.0.0.1", port: port).get()
        return LiveConnection(channel: channel, received: received)
    }

    private final class Receiver: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let continuation: AsyncStream<ByteBuffer>.Continuation

        init(_ continuation: AsyncStream<ByteBuffer>.Continuation) {
            self.continuation = continuation
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            continuation.yield(unwrapInboundIn(data))
        }

        func channelInactive(context: ChannelHandlerContext) {
            continuation.finish()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }
}

/// A client's end of a connection.
struct LiveConnection: Sendable {
    let channel: any Channel
    let received: AsyncStream<ByteBuffer>

    func send(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text))
    }

    func send(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    /// Whether the server closes the connection within the time; closes it where not.
    func closes(within limit: Duration) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                try? await channel.closeFuture.get()
                return true
            }
            group.addTask {
                try? await Task.sleep(for: limit)
                return false
            }
            let isClosed = await group.next() ?? false
            channel.close(promise: nil)
            group.cancelAll()
            return isClosed
        }
    }
}

/// A certificate for localhost, made by openssl.
struct TestCertificate {
    let folder: URL
    var certificatePath: String { folder.appending(path: "cert.pem").path(percentEncoded: false) }
    var keyPath: String { folder.appending(path: "key.pem").path(percentEncoded: false) }
}
