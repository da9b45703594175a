import ArgumentParser
import Connectors
import Engine
import Foundation
import Gateway
import Logging
import NIOCore
import ServiceLifecycle
import UnixSignals

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the server on a data folder.",
        discussion: """
            Prints "listening on http://HOST:PORT" once it accepts connections. On SIGTERM it stops accepting connections, answers \
            the requests it has accepted, commits, and exits with 0.

            EXAMPLES
              attune serve
              attune serve --data /var/lib/attune --host 0.0.0.0 --port 443

            SETTINGS
            Each is read from its flag, then from the environment, then from ./attune.yaml, where its name is in lower case and without
            the prefix: log_level: debug. An unknown ATTUNE_ variable and an unknown name in the file are refused.
            \(SettingName.help)
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @Option(help: "The address to listen on (ATTUNE_HOST; default: 127.0.0.1).") var host: String?
    @Option(help: "The port to listen on; 0 picks a free one (ATTUNE_PORT; default: 8080).") var port: Int?
    @Option(help: "The store: lmdb, which is embedded (ATTUNE_STORE).") var store: String?

    func run() async throws {
        try await exiting {
            let own = ["host": host, "port": port.map(String.init), "store": store].compactMapValues(\.self)
            let settings = try Settings(global.flags.merging(own) { $1 }, refusesUnknown: true)
            bootstrapLogging(settings)
            do {
                try await Server(settings).run()
            } catch let error as StartError {
                throw StartError(settings.inGivenForm(error.description))
            } catch let error as SettingsError {
                throw SettingsError(settings.inGivenForm(error.description))
            }
        }
    }
}

/// The server: the engine, the gateway before it, the socket for commands, and the engine's upkeep.
private struct Server {
    /// Below the delay after which containers are killed.
    private static let drainSecondsMax: Int64 = 20

    private let settings: Settings
    private let logger = Logger(label: "attune")

    init(_ settings: Settings) {
        self.settings = settings
    }

    func run() async throws {
        let http = OutboundHTTP()
        do {
            var configuration = settings.engine
            configuration.ai = try settings.ai?.configuration(http: http)
            try await serve(configuration)
        } catch {
            await http.close()
            throw error
        }
        await http.close()
    }

    private func serve(_ configuration: AttuneEngine.Configuration) async throws {
        let engine = try await AttuneEngine.open(configuration)
        do {
            try await serve(engine)
        } catch {
            await engine.close()
            throw error
        }
        await engine.close()
    }

    private func serve(_ engine: AttuneEngine) async throws {
        guard let socket = SocketPath(folder: settings.dataPath) else {
            throw EngineError(.unavailable, "The data folder cannot be opened.")
        }
        // The folder is ours, so a socket in it is what a killed server left behind.
        unlink(socket.path)
        defer { unlink(socket.path) }
        let (opened, opening) = AsyncStream<Void>.makeStream()
        let gateway = try buildApplication(
            engine: engine, configuration: gatewayConfiguration(), readiness: Readiness(), metrics: MetricsRegistry(), logger: logger
        ) { port in
            engine.publicURL.settle(settings.publicURL(port: port))
            // Commands are answered, too, when the line is printed.
            for await _ in opened {}
            if !Task.isCancelled { announce(port: port) }
        }
        let operations = buildOperationsApplication(engine: engine, socketPath: socket.path, logger: logger) { opening.finish() }
        var configuration = ServiceGroupConfiguration(
            services: [
                .init(service: Upkeep(engine: engine, compactHours: settings.compactHours, logger: logger)),
                .init(service: Deliveries(engine: engine, sender: CallbackSender(allowsPrivate: settings.allowsPrivateCallbacks))),
                .init(service: RequestWork(engine: engine)), .init(service: operations), .init(service: gateway),
            ], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(Self.drainSecondsMax)
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch let error as IOError {
            throw StartError(listeningFailedWith: error.errnoCode, settings)
        } catch  where error is SocketAddressError || error is SocketAddressError.UnknownHost {
            throw StartError(listeningFailedWith: EADDRNOTAVAIL, settings)
        }
        logger.info("Attune stopped.")
    }

    /// Says what may not be meant.
    private func warn() {
        for warning in settings.warnings { logger.warning("\(warning)") }
        if settings.tlsCertificatePath == nil, !settings.isLoopback {
            logger.warning(
                """
                The server listens without TLS on an address that others can reach: keys and personal data travel in the clear. Set \
                ATTUNE_TLS_CERT and ATTUNE_TLS_KEY, or let only a proxy that speaks TLS reach it.
                """,
                metadata: ["host": "\(settings.host)"])
        }
    }

    private func gatewayConfiguration() -> GatewayConfiguration {
        var configuration = settings.gateway
        let files = OpenFiles.raiseLimit()
        configuration.connections.connectionsMax = OpenFiles.connectionsMax(files: files)
        if configuration.connections.connectionsMax < GatewayLimits.connectionsMax {
            logger.notice(
                "The hard limit of open files bounds how many connections there may be at once.",
                metadata: ["files": "\(files)", "connections": "\(configuration.connections.connectionsMax)"])
        }
        return configuration
    }

    private func announce(port: Int) {
        warn()
        logger.info(
            "Attune started.",
            metadata: [
                "version": "\(ProductVersion.text)", "dataFolder": "\(settings.dataPath)", "address": "\(settings.ownURL(port: port))",
                "tls": .stringConvertible(settings.tlsCertificatePath != nil), "aiProvider": "\(settings.ai?.providerName ?? "none")",
            ])
        print("listening on \(settings.ownURL(port: port))")
        fflush(nil)
    }
}

/// The engine's upkeep, until the server drains.
private struct Upkeep: Service {
    let engine: AttuneEngine
    /// 0: never.
    let compactHours: Int
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            async let upkeep: Void = engine.upkeep(logger: logger)
            async let compactions: Void = engine.compact(everyHours: compactHours, logger: logger)
            _ = await (upkeep, compactions)
        }
    }
}

/// Delivers what is in the outbox, until the server drains.
private struct Deliveries: Service {
    let engine: AttuneEngine
    let sender: CallbackSender

    func run() async throws {
        await cancelWhenGracefulShutdown { await engine.outbox.run(sender) }
    }
}

/// Does what OpenDSR requests ask for, until the server drains.
private struct RequestWork: Service {
    let engine: AttuneEngine

    func run() async throws {
        await cancelWhenGracefulShutdown { await engine.openDSRWork.run() }
    }
}

extension Settings {
    fileprivate var gateway: GatewayConfiguration {
        GatewayConfiguration(
            host: host, port: port, publicURL: publicURL, tlsCertificatePath: tlsCertificatePath, tlsKeyPath: tlsKeyPath,
            rateLimitPerMinute: rateLimitPerMinute, eventRateLimitPerKey: eventRateLimitPerKey,
            eventRateLimitPerAddress: eventRateLimitPerAddress, trustedProxies: trustedProxies, logsRequests: logsRequests)
    }
}

extension StartError {
    fileprivate init(listeningFailedWith number: Int32, _ settings: Settings) {
        let (host, port) = (settings.host, settings.port)
        switch number {
        case EADDRINUSE:
            self.init(
                "port \(port) on \(host) is in use; choose another with --port (0 picks a free one), or stop the program there"
            )
        case EADDRNOTAVAIL:
            self.init("\(host) is not an address of this machine; choose another with --host (0.0.0.0 for all)")
        case EACCES:
            self.init("this user may not listen on port \(port); choose a port from 1024 up with --port")
        default:
            self.init("cannot listen on \(host), port \(port): \(String(cString: strerror(number)))")
        }
    }
}
