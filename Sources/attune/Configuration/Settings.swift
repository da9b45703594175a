import Engine
import Foundation
import Gateway
import Logging

/// The configuration, read once: from flags, then the environment, then `attune.yaml`; the first that names a setting wins.
///
/// `SettingName` lists the settings with their meanings and defaults.
struct Settings: Sendable {
    let dataPath: String
    let host: String
    let port: Int
    let publicURL: String?
    let masterKeyPath: String?
    let tlsCertificatePath: String?
    let tlsKeyPath: String?
    let logLevel: Logger.Level
    /// nil: by whether standard error is a terminal.
    let logFormat: String?
    let logsRequests: Bool
    let trustedProxies: TrustedProxies
    let storeBytesMax: Int?
    /// 0: only when asked.
    let compactHours: Int
    let rateLimitPerMinute: Int
    let eventRateLimitPerKey: Int
    let eventRateLimitPerAddress: Int
    let allowsPrivateCallbacks: Bool
    let openDSRPendingSeconds: Int
    let ai: AISettings?
    /// Lines for the log.
    let warnings: [String]
    private let given: GivenSettings

    /// - Parameter flags: By the settings' names in parts, as in `SettingName`.
    /// - Throws: `SettingsError` for a value that is not valid, for an unknown name in `attune.yaml`, and for an unknown `ATTUNE_`
    ///   variable where `refusesUnknown`: only the server does, since whoever runs a command may have exported names for other programs.
    init(
        _ flags: [String: String] = [:], refusesUnknown: Bool = false,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws {
        let variables = EnvironmentSettings(environment)
        if refusesUnknown { try variables.refuseUnknown() }
        warnings = variables.warnings
        let given = try GivenSettings(flags: flags, variables: variables.values, file: YAMLFile.values(atPath: GivenSettings.filePath))
        self.given = given
        dataPath = Self.absolute(given.text(.data) ?? "./data")
        host = given.text(.host) ?? "127.0.0.1"
        port = try given.number(.port, in: 0...65_535) ?? 8080
        publicURL = given.text(.publicURL).map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
        masterKeyPath = given.text(.masterKeyFile).map(Self.absolute)
        tlsCertificatePath = given.text(.tlsCertificate)
        tlsKeyPath = given.text(.tlsKey)
        guard (tlsCertificatePath == nil) == (tlsKeyPath == nil) else {
            throw SettingsError("\(given.form(of: .tlsCertificate)) and \(given.form(of: .tlsKey)) go together: set both or none")
        }
        guard let level = Logger.Level(rawValue: given.text(.logLevel)?.lowercased() ?? "info") else {
            throw given.error(.logLevel, "must be trace, debug, info, notice, warning, error or critical")
        }
        logLevel = level
        logFormat = try given.choice(.logFormat, of: ["json", "text"])
        logsRequests = try given.flag(.logRequests)
        do {
            trustedProxies = try TrustedProxies(given.text(.trustedProxies) ?? "")
        } catch {
            throw given.error(.trustedProxies, "must be IP addresses or prefixes such as 10.0.0.0/8, separated by commas")
        }
        if try given.choice(.store, of: ["lmdb", "dynamodb"]) == "dynamodb" {
            throw given.error(.store, "cannot be dynamodb: this version has the store lmdb only")
        }
        storeBytesMax = try given.number(.storeMaxBytes, in: 1_048_576...Int.max)
        compactHours = try given.number(.compactHours, in: 0...8784) ?? 24
        rateLimitPerMinute = try given.number(.rateLimit, in: 0...100_000_000) ?? 0
        eventRateLimitPerKey = try given.number(.eventRateLimitPerKey, in: 0...100_000_000) ?? 0
        eventRateLimitPerAddress =
            try given.number(.eventRateLimitPerAddress, in: 0...100_000_000) ?? GatewayLimits.eventsPerAddressDefault
        allowsPrivateCallbacks = try given.flag(.allowPrivateCallbacks)
        openDSRPendingSeconds = try given.number(.openDSRPendingSeconds, in: 0...Limits.openDSRPendingSecondsMax) ?? 0
        ai = try AISettings(given)
    }

    static func absolute(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.path
    }

    /// An error's text, with each setting named in the form in which it was given.
    func inGivenForm(_ text: String) -> String { given.inGivenForm(text) }

    /// Whether only this machine reaches the server.
    var isLoopback: Bool {
        host == "localhost" || host.hasPrefix("127.") || host == "::1" || host == "[::1]" || host.hasPrefix("::ffff:127.")
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

/// A setting that is not valid; the text says which and what to write instead.
struct SettingsError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
