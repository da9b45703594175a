/// The name of every setting, in parts: `log.level` is `ATTUNE_LOG_LEVEL` in the environment and `log_level` in `attune.yaml`.
enum SettingName: String, CaseIterable {
    case data
    case host
    case port
    case publicURL = "public.url"
    case masterKeyFile = "master.key.file"
    case tlsCertificate = "tls.cert"
    case tlsKey = "tls.key"
    case logLevel = "log.level"
    case logFormat = "log.format"
    case store
    case storeMaxBytes = "store.max.bytes"
    case compactHours = "compact.hours"
    case rateLimit = "rate.limit"
    case eventRateLimitPerKey = "event.rate.limit.per.key"
    case eventRateLimitPerAddress = "event.rate.limit.per.address"
    case allowPrivateCallbacks = "allow.private.callbacks"
    case openDSRPendingSeconds = "opendsr.pending.seconds"
    case aiProvider = "ai.provider"
    case aiEndpoint = "ai.endpoint"
    case aiModel = "ai.model"
    case aiAPIKey = "ai.api.key"
    case aiDeadline = "ai.deadline.ms"
    case aiCallsMax = "ai.calls.max"
    case aiTenantTokensPerDay = "ai.tenant.tokens.per.day"

    var environmentVariable: String { "ATTUNE_" + fileName.uppercased() }
    var fileName: String { rawValue.replacing(".", with: "_") }

    /// The names that are spelled most like another, the nearest first.
    static func nearest(to name: String, count: Int = 3) -> [SettingName] {
        let ranked = allCases.map { (name: $0, distance: EditDistance.between($0.fileName, name.lowercased())) }
        return ranked.sorted { ($0.distance, $0.name.rawValue) < ($1.distance, $1.name.rawValue) }.prefix(count).map(\.name)
    }
}
