package import NIOCore

/// How many connections there may be, and how long a client may keep one for nothing.
package struct ConnectionLimits: Sendable {
    package var connectionsMax: Int
    /// From the connection's start to the end of the TLS handshake.
    package var handshakeTimeMax = TimeAmount.seconds(GatewayLimits.handshakeSecondsMax)
    /// Without a request or a part of one, while no request is being answered.
    package var idleTimeMax = TimeAmount.seconds(GatewayLimits.idleSeconds)
    /// For one request's body, however steadily it drips.
    package var bodyTimeMax = TimeAmount.seconds(GatewayLimits.bodySecondsMax)
    /// Without a byte of an answer leaving.
    package var unreadTimeMax = TimeAmount.seconds(GatewayLimits.unreadSecondsMax)
    /// How long a connection that has not asked for anything keeps its place where all places are taken.
    package var silentTimeMin = TimeAmount.milliseconds(GatewayLimits.silentMilliseconds)

    /// - Parameter connectionsMax: See `OpenFiles.connectionsMax`.
    package init(connectionsMax: Int = GatewayLimits.connectionsMax) {
        self.connectionsMax = connectionsMax
    }

    /// How often deadlines are looked at: so much later than its deadline may a connection be closed.
    var checkInterval: TimeAmount {
        min(handshakeTimeMax, .nanoseconds(min(idleTimeMax, unreadTimeMax).nanoseconds / 6))
    }
}
