package import Engine
import FoundationEssentials
package import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore

/// Builds the door for operators' commands: `POST /operations` on a Unix-domain socket that only the folder's owner can open.
///
/// It is no part of the HTTP surface. The JSON goes to the engine as it is, both ways.
/// - Parameters:
///   - socketPath: At most 107 bytes, so relative to the working folder where the folder's own path is long.
///   - onListening: Called once commands are answered.
package func buildOperationsApplication(
    engine: AttuneEngine, socketPath: String, logger: Logger, onListening: @escaping @Sendable () -> Void = {}
) -> some ApplicationProtocol {
    // The server would log the socket's path, which means nothing outside this process, and two errors where the gateway beside it could
    // not start and it is cancelled. What keeps it from serving it throws.
    var quiet = logger
    quiet.logLevel = .critical
    let router = Router()
    router.post("operations") { request, _ in
        let command = try await request.body.collect(upTo: GatewayLimits.operationBytesMax)
        let answer = await engine.operations.perform(json: Array(command.readableBytesView), logger: logger)
        return Response.json(body: ByteBuffer(bytes: answer))
    }
    return Application(
        router: router,
        configuration: ApplicationConfiguration(address: .unixDomainSocket(path: socketPath)),
        onServerRunning: { _ in
            defer { onListening() }
            do {
                try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: socketPath)
            } catch {
                // Where the start fails elsewhere, the socket is gone already.
                guard FileManager.default.fileExists(atPath: socketPath) else { return }
                logger.error("The operations socket's permissions could not be narrowed.")
            }
        },
        logger: quiet
    )
}
