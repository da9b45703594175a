import Connectors
import Engine
import Foundation

/// Which AI provider is asked, and what it may cost. Credentials of AWS come from where every tool of AWS takes them.
struct AISettings: Sendable {
    private let provider: AIProviderConfiguration
    private let deadlineMilliseconds: Int
    private let callsMax: Int
    private let tokensPerTenantAndDay: Int

    /// - Returns: nil where no provider is wanted.
    /// - Throws: `SettingsError` for a provider that there is not.
    init?(
        provider name: String?, endpoint: String?, model: String?, apiKey: String?, deadlineMilliseconds: Int?, callsMax: Int?,
        tokensPerTenantAndDay: Int?
    ) throws {
        guard let name, name != "none" else { return nil }
        guard let kind = AIProviderConfiguration.Kind(rawValue: name) else {
            throw SettingsError("ATTUNE_AI_PROVIDER must be none, bedrock or openai")
        }
        let environment = ProcessInfo.processInfo.environment
        provider = AIProviderConfiguration(
            kind: kind, endpoint: endpoint, model: model, apiKey: apiKey, awsAccessKeyID: environment["AWS_ACCESS_KEY_ID"],
            awsSecretAccessKey: environment["AWS_SECRET_ACCESS_KEY"], awsSessionToken: environment["AWS_SESSION_TOKEN"],
            awsRegion: environment["AWS_REGION"])
        self.deadlineMilliseconds = deadlineMilliseconds ?? Limits.aiDeadlineMillisecondsDefault
        self.callsMax = callsMax ?? Limits.aiCallsDefault
        self.tokensPerTenantAndDay = tokensPerTenantAndDay ?? Limits.aiTokensPerTenantAndDayDefault
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
