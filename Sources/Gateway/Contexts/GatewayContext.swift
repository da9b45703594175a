import Engine
package import Hummingbird
import Logging
import NIOCore

/// What goes with every request; the only context of the routes that need no credential.
package struct GatewayContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// Set by `Authentication`; `TenantContext` is the same without the question mark.
    var scope: Scope?
    /// Set by `OperatorAuthentication`; `OperatorContext` is the same without the question mark.
    var session: OperatorSession?
    /// Set by `GatewayResponder`.
    var identity = RequestIdentity.none
    /// Set by `GatewayResponder`: the client's address as a trusted proxy says.
    var forwardedAddress: String?
    private let channel: any Channel

    /// The client's address without its port: behind a trusted proxy what it says, otherwise the other end of the connection.
    var address: String? { forwardedAddress ?? peerAddress }

    /// The other end of the connection: a client, or a proxy.
    var peerAddress: String? { channel.remoteAddress?.ipAddress }

    /// Writes lines that can be found by the request's id.
    var requestLogger: Logger { identity.tied(logger) }

    package init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}
