package import Hummingbird
package import HummingbirdCore
package import Logging
package import NIOCore
import ServiceLifecycle

/// The gateway as a service: Hummingbird's application, and `readiness` kept true to what it does.
///
/// On graceful shutdown it stops accepting and answers what it has accepted before `run()` returns.
package struct GatewayApplication: ApplicationProtocol {
    private let application: Application<GatewayResponder>
    private let readiness: Readiness

    init(_ application: Application<GatewayResponder>, readiness: Readiness) {
        self.application = application
        self.readiness = readiness
    }

    package var responder: GatewayResponder { application.responder }
    package var server: HTTPServerBuilder { application.server }
    package var eventLoopGroup: any EventLoopGroup { application.eventLoopGroup }
    package var configuration: ApplicationConfiguration { application.configuration }
    package var logger: Logger { application.logger }

    package func onServerRunning(_ channel: any Channel) async {
        await application.onServerRunning(channel)
    }

    package func run() async throws {
        try await withGracefulShutdownHandler {
            try await application.run()
        } onGracefulShutdown: {
            readiness.beginDraining()
        }
    }
}
