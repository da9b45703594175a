import Connectors
import Engine
import Testing

@Suite struct AIProviderConfigurationTests {
    private static let bedrock = AIProviderConfiguration(
        kind: .bedrock, model: "m:0", awsAccessKeyID: "AKID", awsSecretAccessKey: "secret", awsRegion: "eu-central-1"
    )
    private static let openai = AIProviderConfiguration(kind: .openai, endpoint: "http://127.0.0.1:11434", model: "m")

    private func error(_ configuration: AIProviderConfiguration) async throws -> AIConfigurationError? {
        try await withHTTP { http in
            do throws(AIConfigurationError) { _ = try configuration.provider(http: http) } catch { return error }
            return nil
        }
    }

    @Test func whatIsCompleteMakesAProvider() async throws {
        var bearer = Self.bedrock
        (bearer.apiKey, bearer.awsAccessKeyID, bearer.awsSecretAccessKey) = ("key", nil, "")
        var elsewhere = bearer
        (elsewhere.endpoint, elsewhere.awsRegion) = ("http://127.0.0.1:1", nil)
        for configuration in [Self.bedrock, Self.openai, bearer, elsewhere] { #expect(try await error(configuration) == nil) }
        try await withHTTP { http in
            let (bedrock, openai) = try (Self.bedrock.provider(http: http), Self.openai.provider(http: http))
            #expect(bedrock is BedrockConverse && openai is OpenAIChat)
            #expect(bedrock.model == "m:0" && openai.model == "m")
        }
    }

    private static let needed: [String: @Sendable (inout AIProviderConfiguration, String?) -> Void] = [
        "ATTUNE_AI_MODEL": { $0.model = $1 }, "AWS_ACCESS_KEY_ID": { $0.awsAccessKeyID = $1 },
        "AWS_SECRET_ACCESS_KEY": { $0.awsSecretAccessKey = $1 }, "AWS_REGION": { $0.awsRegion = $1 },
    ]

    @Test(arguments: needed.keys.sorted()) func whatIsMissingIsNamed(setting: String) async throws {
        let set = try #require(Self.needed[setting])
        var configuration = Self.bedrock
        for value in [nil, ""] {
            set(&configuration, value)
            #expect(try await error(configuration)?.description == "\(setting) is not set")
        }
        set(&configuration, "a\r\nx-injected: b")
        #expect(try await error(configuration)?.description == "\(setting) is malformed")
    }

    @Test func aKeyIsNeededWhereOpenAIsOwnAddressIsUsed() async throws {
        #expect(try await error(AIProviderConfiguration(kind: .openai, model: "m"))?.setting == "ATTUNE_AI_API_KEY")
        #expect(try await error(AIProviderConfiguration(kind: .openai, model: "m", apiKey: "k")) == nil)
    }

    @Test(arguments: ["localhost:11434", "ftp://x", "http://u:p@x"]) func addressesMustBeHTTP(endpoint: String) async throws {
        for var configuration in [Self.bedrock, Self.openai] {
            configuration.endpoint = endpoint
            #expect(try await error(configuration)?.description == "ATTUNE_AI_ENDPOINT is malformed")
        }
    }

    @Test(arguments: ["eu-central-1.evil.example/", "EU", "a--b", "-a", "a/b", "a b"]) func aRegionIsAName(region: String) async throws {
        var configuration = Self.bedrock
        configuration.awsRegion = region
        #expect(try await error(configuration) == AIConfigurationError(setting: "AWS_REGION", problem: .malformed))
    }

    @Test func printingShowsNoSecret() {
        var configuration = Self.bedrock
        configuration.apiKey = "very-secret"
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] { #expect(!text.contains("secret")) }
    }
}
