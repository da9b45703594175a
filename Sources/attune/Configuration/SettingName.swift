/// The name of every setting, in parts: `log.level` is `ATTUNE_LOG_LEVEL` in the environment and `log_level` in `attune.yaml`.
///
/// This list is the only one: `attune serve --help` is made from it, and a test compares the table of the README with it.
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
    case logRequests = "log.requests"
    case trustedProxies = "trusted.proxies"
    case store
    case storeMaxBytes = "store.max.bytes"
    case compactHours = "compact.hours"
    case dynamoDBEndpoint = "dynamodb.endpoint"
    case dynamoDBTable = "dynamodb.table"
    case rateLimit = "rate.limit"
    case eventRateLimitPerKey = "event.rate.limit.per.key"
    case eventRateLimitPerAddress = "event.rate.limit.per.address"
    case allowPrivateCallbacks = "allow.private.callbacks"
    case openDSRPendingSeconds = "opendsr.pending.seconds"
    case dnsServer = "dns.server"
    case aiProvider = "ai.provider"
    case aiEndpoint = "ai.endpoint"
    case aiModel = "ai.model"
    case aiAPIKey = "ai.api.key"
    case aiDeadline = "ai.deadline.ms"
    case aiCallsMax = "ai.calls.max"
    case aiTenantTokensPerDay = "ai.tenant.tokens.per.day"

    var environmentVariable: String { "ATTUNE_" + fileName.uppercased() }
    var fileName: String { rawValue.replacing(".", with: "_") }
    var flag: String { "--" + rawValue.replacing(".", with: "-") }

    /// The setting's meaning and default in one line of `attune serve --help`.
    var summary: String {
        switch self {
        case .data: "The data folder (default: ./data)."
        case .host: "The address to listen on (default: 127.0.0.1)."
        case .port: "The port to listen on; 0: any free one (default: 8080)."
        case .publicURL: "The base of the token issuer (default: http://HOST:PORT)."
        case .masterKeyFile: "The master key file (default: DATA/master.key)."
        case .tlsCertificate: "PEM file of the certificate chain; with ATTUNE_TLS_KEY: TLS and HTTP/2 (default: none)."
        case .tlsKey: "PEM file of the certificate's private key (default: none)."
        case .logLevel: "trace, debug, info, notice, warning, error or critical (default: info)."
        case .logFormat: "json or text (default: json; text on a terminal)."
        case .logRequests: "true: log one line for each request (default: false)."
        case .trustedProxies: "Proxies whose X-Forwarded-For and X-Forwarded-Proto count: addresses or prefixes (default: none)."
        case .store: "lmdb, the embedded store (default: lmdb)."
        case .storeMaxBytes: "Bound on the store's size; beyond it writes get 503 (default: none)."
        case .compactHours: "How often the store is compacted; 0: only by command (default: 24)."
        case .dynamoDBEndpoint: "Reserved for the store dynamodb; no effect with lmdb."
        case .dynamoDBTable: "Reserved for the store dynamodb; no effect with lmdb."
        case .rateLimit: "Requests a minute for one tenant; 0: no limit (default: 0)."
        case .eventRateLimitPerKey: "Requests with events a minute with one key; 0: no limit (default: 0)."
        case .eventRateLimitPerAddress:
            "Requests with events a minute from one address with a publishable key; 0: no limit (default: 600)."
        case .allowPrivateCallbacks: "true: callbacks may use private addresses and plain HTTP (default: false)."
        case .openDSRPendingSeconds: "How long an OpenDSR request can be canceled (default: 0)."
        case .dnsServer: "Resolver for verifyDomain, ADDRESS[:PORT] (default: the system's); no effect in this version."
        case .aiProvider: "none, bedrock or openai (default: none)."
        case .aiEndpoint: "Base URL of the AI provider, without a path (default: the provider's)."
        case .aiModel: "The model's name."
        case .aiAPIKey: "The provider's API key; bedrock without one signs with AWS_* credentials."
        case .aiDeadline: "Milliseconds that a request waits for AI, over all tries (default: 2500)."
        case .aiCallsMax: "AI calls in flight (default: 16)."
        case .aiTenantTokensPerDay: "AI tokens of one tenant in a UTC day; 0: no limit (default: 2000000)."
        }
    }

    /// Every variable and its meaning, for `attune serve --help`.
    static var help: String {
        allCases.map { "  \($0.environmentVariable)\n      \($0.summary)" }.joined(separator: "\n")
    }

    /// The known names closest in spelling to `name`, the closest first.
    /// - Parameter name: As in `attune.yaml`.
    static func nearest(to name: String, count: Int = 3) -> [SettingName] {
        let ranked = allCases.map { (name: $0, distance: EditDistance.between($0.fileName, name.lowercased())) }
        return ranked.sorted { ($0.distance, $0.name.rawValue) < ($1.distance, $1.name.rawValue) }.prefix(count).map(\.name)
    }
}
