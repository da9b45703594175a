import Configuration
import Engine
import Foundation
import Gateway

/// Everything that is configured, read once: from flags, then the environment, then `attune.yaml`; the first that says it wins.
///
/// ## Configuration keys
/// - `data` (path, `./data`), `host` (text, `127.0.0.1`), `port` (0 to 65535, `8080`), `public.url` (URL, `http://HOST:PORT`)
/// - `master.key.file` (path, `DATA/master.key`), `tls.cert`, `tls.key` (paths, none)
/// - `log.level` (`info`), `log.format` (`json`, or `text` on a terminal)
/// - `store` (`lmdb`), `store.max.bytes` (bytes, none)
/// - `rate.limit` (requests a minute for one tenant, 0: none)
/// - `event.rate.limit.per.key`, `event.rate.limit.per.address` (requests with events a minute, 0: none)
/// - `allow.private.callbacks` (`false`; `true`: callbacks may go to private addresses and over plain HTTP),
///   `opendsr.pending.seconds` (for how long a request can be cancelled, 0)
/// - `ai.provider` (`none`, `bedrock`, `openai`), `ai.endpoint` (URL, the service's own), `ai.model`, `ai.api.key` (text),
///   `ai.deadline.ms` (2500), `ai.calls.max` (in flight, 16), `ai.tenant.tokens.per.day` (2,000,000; 0: no limit)
struct Settings: Sendable {
    let dataPath: String
    let host: String
    let port: Int
    let publicURL: String?
    let masterKeyPath: String?
    let tlsCertificatePath: String?
    let tlsKeyPath: String?
    let logLevel: String
    let logFormat: String?
    let storeBytesMax: Int?
    /// 0: only when asked.
    let compactHours: Int
    let rateLimitPerMinute: Int
    let eventRateLimitPerKey: Int
    let eventRateLimitPerAddress: Int
    let allowsPrivateCallbacks: Bool
    let openDSRPendingSeconds: Int
    let ai: AISettings?

    /// - Throws: `SettingsError` for a value that cannot be meant.
    init(_ flags: [String: String] = [:]) async throws {
        let reader = try await Self.reader(flags)
        func text(_ name: SettingName) -> String? {
            reader.string(forKey: ConfigKey(name.rawValue)).flatMap { $0.isEmpty ? nil : $0 }
        }
        func number(_ name: SettingName, in range: ClosedRange<Int>) throws -> Int? {
            guard let text = text(name) else { return nil }
            guard let number = Int(text), range.contains(number) else {
                throw SettingsError("\(name.environmentVariable) must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }
        dataPath = Self.absolute(text(.data) ?? "./data")
        host = text(.host) ?? "127.0.0.1"
        port = try number(.port, in: 0...65_535) ?? 8080
        publicURL = text(.publicURL).map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
        masterKeyPath = text(.masterKeyFile).map(Self.absolute)
        tlsCertificatePath = text(.tlsCertificate)
        tlsKeyPath = text(.tlsKey)
        guard (tlsCertificatePath == nil) == (tlsKeyPath == nil) else {
            throw SettingsError("ATTUNE_TLS_CERT and ATTUNE_TLS_KEY go together: set both or none")
        }
        logLevel = text(.logLevel) ?? "info"
        logFormat = text(.logFormat)
        let store = text(.store) ?? "lmdb"
        guard store == "lmdb" else { throw SettingsError("ATTUNE_STORE: this build has the store lmdb only") }
        storeBytesMax = try number(.storeMaxBytes, in: 1_048_576...Int.max)
        compactHours = try number(.compactHours, in: 0...8784) ?? 24
        rateLimitPerMinute = try number(.rateLimit, in: 0...100_000_000) ?? 0
        eventRateLimitPerKey = try number(.eventRateLimitPerKey, in: 0...100_000_000) ?? 0
        eventRateLimitPerAddress = try number(.eventRateLimitPerAddress, in: 0...100_000_000) ?? 0
        allowsPrivateCallbacks = try Self.flag(text(.allowPrivateCallbacks), .allowPrivateCallbacks)
        openDSRPendingSeconds = try number(.openDSRPendingSeconds, in: 0...Limits.openDSRPendingSecondsMax) ?? 0
        ai = try AISettings(
            provider: text(.aiProvider), endpoint: text(.aiEndpoint), model: text(.aiModel), apiKey: text(.aiAPIKey),
            deadlineMilliseconds: try number(.aiDeadline, in: 1...Limits.aiDeadlineMillisecondsMax),
            callsMax: try number(.aiCallsMax, in: 1...Limits.aiCallsMax),
            tokensPerTenantAndDay: try number(.aiTenantTokensPerDay, in: 0...Int(Int32.max)))
    }

    private static func flag(_ text: String?, _ name: SettingName) throws -> Bool {
        guard let text, text != "false" else { return false }
        guard text == "true" else { throw SettingsError("\(name.environmentVariable) must be true or false") }
        return true
    }

    private static func reader(_ flags: [String: String]) async throws -> ConfigReader {
        var providers: [any ConfigProvider] = [
            InMemoryProvider(
                name: "flags",
                values: Dictionary(
                    uniqueKeysWithValues: flags.map { key, value in
                        (AbsoluteConfigKey(key.split(separator: ".").map(String.init)), ConfigValue(.string(value), isSecret: false))
                    })),
            EnvironmentVariablesProvider().prefixKeys(with: "attune"),
        ]
        if let file = try YAMLFile.values(atPath: "attune.yaml") {
            providers.append(InMemoryProvider(name: "attune.yaml", values: file))
        }
        return ConfigReader(providers: providers)
    }

    static func absolute(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.path
    }

    /// What is reached under the port that was bound.
    func publicURL(port: Int) -> String { publicURL ?? ownURL(port: port) }

    /// Where the server listens.
    func ownURL(port: Int) -> String {
        "\(tlsCertificatePath == nil ? "http" : "https")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }

    var engine: AttuneEngine.Configuration {
        var configuration = AttuneEngine.Configuration(
            dataPath: dataPath, masterKeyPath: masterKeyPath, publicURL: publicURL(port: port), storeBytesMax: storeBytesMax)
        configuration.openDSRPendingSeconds = openDSRPendingSeconds
        configuration.allowsPrivateCallbacks = allowsPrivateCallbacks
        return configuration
    }
}

/// A setting that cannot be meant; the text says which and what to write instead.
struct SettingsError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
