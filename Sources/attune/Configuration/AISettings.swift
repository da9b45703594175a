import Connectors
import Engine
import Foundation

/// Which AI provider is asked, and what it may cost. Credentials of AWS come from where every tool of AWS takes them.
struct AISettings: Sendable {
    let providerName: String
    private let provider: AIProviderConfiguration
    private let deadlineMilliseconds: Int
    private let callsMax: Int
    private let tokensPerTenantAndDay: Int

    /// - Returns: nil where no provider is wanted.
    /// - Throws: `SettingsError` for a value that is not valid, also where no provider is wanted.
    init?(_ given: GivenSettings) throws {
        let name = try given.choice(.aiProvider, of: ["none", "bedrock", "openai"])
        deadlineMilliseconds =
            try given.number(.aiDeadline, in: 1...Limits.aiDeadlineMillisecondsMax) ?? Limits.aiDeadlineMillisecondsDefault
        callsMax = try given.number(.aiCallsMax, in: 1...Limits.aiCallsMax) ?? Limits.aiCallsDefault
        tokensPerTenantAndDay =
            try given.number(.aiTenantTokensPerDay, in: 0...Int(Int32.max)) ?? Limits.aiTokensPerTenantAndDayDefault
        guard let kind = name.flatMap(AIProviderConfiguration.Kind.init(rawValue:)) else { return nil }
        providerName = kind.rawValue
        let environment = ProcessInfo.processInfo.environment
        provider = AIProviderConfiguration(
            kind: kind, endpoint: given.text(.aiEndpoint), model: given.text(.aiModel), apiKey: given.text(.aiAPIKey),
            awsAccessKeyID: environment["AWS_ACCESS_KEY_ID"], awsSecretAccessKey: environment["AWS_SECRET_ACCESS_KEY"],
            awsSessionToken: environment["AWS_SESSION_TOKEN"], awsRegion: environment["AWS_REGION"])
    }

    /// - Throws: `SettingsError` for a setting that is missing or malformed.
    func configuration(http: OutboundHTTP) throws -> AIConfiguration {
        do throws(AIConfigurationError) {
            return AIConfiguration(
                provider: try provider.provider(http: http), deadlineMilliseconds: deadlineMilliseconds, callsMax: callsMax,
                tokensPerTenantAndDay: tokensPerTenantAndDay)
        } catch {
            throw SettingsError("\(error)")
        }
    }
}
