/// Every bound of the HTTP edge in one place, with its unit in its name.
package enum GatewayLimits {
    package static let bodyBytesMax = 512 * 1024
    /// A command's arguments, over the Unix-domain socket.
    package static let operationBytesMax = 16 * 1024 * 1024
    // Connections
    package static let connectionsMax = 8192
    /// Files that connections leave to the store, to commands beside the server and to outbound requests.
    package static let filesReserve = 256
    package static let backlogConnections = 1024
    /// How long a client may take for the TLS handshake.
    package static let handshakeSecondsMax: Int64 = 10
    /// Silence after which a connection is closed, between requests and within one.
    package static let idleSeconds: Int64 = 60
    /// How long a client may take to send one request's body, however steadily it drips.
    package static let bodySecondsMax: Int64 = 60
    /// How long a client may leave an answer unread, not a byte of it being taken.
    package static let unreadSecondsMax: Int64 = 60
    /// How long a connection that has not asked for anything keeps its place where all places are taken.
    package static let silentMilliseconds: Int64 = 1000

    package static let requestIDBytesMax = 64
    /// Requests with events a minute from one address with a publishable key, where nothing else is configured.
    package static let eventsPerAddressDefault = 600
    package static let rateLimitedTenantsMax = 10_000
    /// Series of `attune_http_requests_total`; all families together stay below 400.
    package static let requestSeriesMax = 280
    package static let frequentFeaturesDefault = 5
    package static let listEntriesMax = 1000
    package static let auditEntriesDefault = 50
    package static let dataRequestsDefault = 100
    package static let headerBytesMax = 32 * 1024
    package static let headerFieldsMax = 100

    // Pages
    package static let formBytesMax = 32 * 1024
    package static let localPathBytesMax = 1024
    /// Wrong keys that one address may try in a row, and how long it takes until one of them is forgotten.
    package static let loginFailuresMax = 10
    package static let loginFailureSeconds = 6.0
    package static let loginAddressesMax = 10_000
    package static let usersPerPageDefault = 50
    package static let behavioralProfilesPerPageDefault = 25
    package static let behavioralProfilesPerPageMax = 100
    package static let liveStreamsPerTenantMax = 16
    package static let liveStreamsMax = 64
    package static let liveIntervalMilliseconds = 1000
    /// How soon a stream notices that the server drains.
    package static let liveCheckMilliseconds = 100
    /// A stream ends after so long; browsers open it anew.
    package static let liveSecondsMax = 1800
}
