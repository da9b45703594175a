/// Every bound of what is asked of the outside world, with its unit in its name.
enum ConnectorLimits {
    // Connections
    /// Room for one lost packet, which is sent again after a second. Closing waits for connections that are being made.
    static let connectSecondsMax = 2
    /// Shorter than the minute after which load balancers close what is idle, so that a call seldom meets a closed connection.
    static let connectionIdleSeconds = 45
    static let connectionsPerHostMax = 64

    // Messages to tenants' tools
    static let deliveryConnectSecondsMax = 5
    static let deliverySecondsMax = 15

    // Answers
    /// A dashboard in JSON has some 5 KB, its envelope less.
    static let answerBytesMax = 262_144
    static let jsonDepthMax = 64
    static let tokensMax = 100_000_000
    static let retryAfterSecondsMax = 3600

    // Settings
    /// Of an ARN of an inference profile, as Bedrock has it.
    static let modelBytesMax = 2048
    static let credentialBytesMax = 16_384
    static let endpointBytesMax = 2048
}
