import HummingbirdCore
import Logging
import NIOCore
import NIOSSL

/// A connection of the gateway: the server's own, with what guards it from its client.
struct GuardedChannel<Inner: ServerChildChannel>: ServerChildChannel {
    let inner: Inner
    let connections: OpenConnections
    let limits: ConnectionLimits

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Inner.Value> {
        let deadlines = ConnectionDeadlines(limits, connections.insert(channel))
        let pipeline = channel.pipeline.syncOperations
        do {
            try pipeline.addHandler(deadlines)
            let value = inner.setup(channel: channel, logger: logger)
            if let tls = try? pipeline.handler(type: NIOSSLServerHandler.self) {
                deadlines.isShakingHands = true
                try pipeline.addHandler(HTTP2FrameGuard(deadlines), position: .after(tls))
            }
            return value
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
    }

    func handle(value: Inner.Value, logger: Logger) async {
        await inner.handle(value: value, logger: logger)
    }
}
