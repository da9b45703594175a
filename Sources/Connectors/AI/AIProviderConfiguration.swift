package import Engine

/// The settings of an AI provider, as the operator gave them; printing it shows no secret.
package struct AIProviderConfiguration: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case bedrock
        case openai
    }

    package var kind: Kind
    /// The base URL; nil: the service's own.
    package var endpoint: String?
    package var model: String?
    package var apiKey: String?
    package var awsAccessKeyID: String?
    package var awsSecretAccessKey: String?
    package var awsSessionToken: String?
    package var awsRegion: String?

    package init(
        kind: Kind, endpoint: String? = nil, model: String?, apiKey: String? = nil, awsAccessKeyID: String? = nil,
        awsSecretAccessKey: String? = nil, awsSessionToken: String? = nil, awsRegion: String? = nil
    ) {
        self.kind = kind
        self.endpoint = endpoint
        self.model = model
        self.apiKey = apiKey
        self.awsAccessKeyID = awsAccessKeyID
        self.awsSecretAccessKey = awsSecretAccessKey
        self.awsSessionToken = awsSessionToken
        self.awsRegion = awsRegion
    }
}

extension AIProviderConfiguration: CustomStringConvertible, CustomReflectable {
    package var description: String { "AIProviderConfiguration(\(kind.rawValue))" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Which setting keeps a provider from being made, and what is the matter with it; never its value.
package struct AIConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Problem: String, Sendable {
        case missing = "is not set"
        case malformed = "is malformed"
    }

    /// The environment variable's name.
    package let setting: String
    package let problem: Problem

    package init(setting: String, problem: Problem) {
        self.setting = setting
        self.problem = problem
    }

    package var description: String { "\(setting) \(problem.rawValue)" }
}

extension AIProviderConfiguration {
    /// Makes the provider, which stays usable until `http` is closed. An empty setting counts as one that is not there.
    package func provider(
        http: OutboundHTTP, clock: @escaping @Sendable () -> Timestamp = { Timestamp.now }
    ) throws(AIConfigurationError) -> any AIProvider {
        let model = try required(model, "ATTUNE_AI_MODEL", bytesMax: ConnectorLimits.modelBytesMax)
        switch kind {
        case .openai:
            let address = try address { "https://api.openai.com" }
            let key = try optional(apiKey, "ATTUNE_AI_API_KEY")
            // Servers of one's own seldom want a key; OpenAI always does.
            if key == nil, given(endpoint) == nil { throw AIConfigurationError(setting: "ATTUNE_AI_API_KEY", problem: .missing) }
            return OpenAIChat(model: model, endpoint: address, apiKey: key, http: http, clock: clock)
        case .bedrock:
            let authentication = try authentication()
            let address = try address { () throws(AIConfigurationError) in Self.bedrockEndpoint(region: try region()) }
            return BedrockConverse(model: model, endpoint: address, authentication: authentication, http: http, clock: clock)
        }
    }

    private static func bedrockEndpoint(region: String) -> String {
        "https://bedrock-runtime.\(region).amazonaws.com" + (region.hasPrefix("cn-") ? ".cn" : "")
    }

    private func authentication() throws(AIConfigurationError) -> BedrockConverse.Authentication {
        if let key = try optional(apiKey, "ATTUNE_AI_API_KEY") { return .bearer(key) }
        let credentials = AWSCredentials(
            accessKeyID: try required(awsAccessKeyID, "AWS_ACCESS_KEY_ID"),
            secretAccessKey: try required(awsSecretAccessKey, "AWS_SECRET_ACCESS_KEY"),
            sessionToken: try optional(awsSessionToken, "AWS_SESSION_TOKEN")
        )
        return .signature(credentials, region: try region())
    }

    /// Becomes a part of a host name.
    private func region() throws(AIConfigurationError) -> String {
        let region = try required(awsRegion, "AWS_REGION", bytesMax: 63)
        guard region.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) != nil else {
            throw AIConfigurationError(setting: "AWS_REGION", problem: .malformed)
        }
        return region
    }

    private func address(
        otherwise own: () throws(AIConfigurationError) -> String
    ) throws(AIConfigurationError) -> Endpoint {
        let text = if let endpoint = given(endpoint) { endpoint } else { try own() }
        guard let endpoint = Endpoint(text) else {
            throw AIConfigurationError(setting: "ATTUNE_AI_ENDPOINT", problem: .malformed)
        }
        return endpoint
    }

    private func given(_ value: String?) -> String? {
        value?.isEmpty == false ? value : nil
    }

    private func required(
        _ value: String?, _ setting: String, bytesMax: Int = ConnectorLimits.credentialBytesMax
    ) throws(AIConfigurationError) -> String {
        guard let value = try optional(value, setting, bytesMax: bytesMax) else {
            throw AIConfigurationError(setting: setting, problem: .missing)
        }
        return value
    }

    /// Everything that is set here stands in headers, paths or names: printable ASCII without blanks.
    private func optional(
        _ value: String?, _ setting: String, bytesMax: Int = ConnectorLimits.credentialBytesMax
    ) throws(AIConfigurationError) -> String? {
        guard let value = given(value) else { return nil }
        guard value.utf8.count <= bytesMax, value.utf8.allSatisfy({ 0x21...0x7e ~= $0 }) else {
            throw AIConfigurationError(setting: setting, problem: .malformed)
        }
        return value
    }
}
