import ArgumentParser
import Engine

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Mint user tokens, rotate the key that signs them.",
        subcommands: [Mint.self, RotateTokenKeyCommand.self])

    struct Mint: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Mint a token for one user.",
            discussion: "EXAMPLE\n  attune token mint --tenant acme --user u1 --scope personalization:read --ttl 3600")

        @OptionGroup var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String
        @Option(help: "The user's id.") var user: String
        @Option(help: "What it may do; the three of personalization and events, if none is given.") var scope: [String] = []
        @Option(help: "How long it lives, in seconds: 1 to 86400 (default: 900).") var ttl: Int?

        func run() async throws {
            try await global.perform(MintToken(tenant: tenant, user: user, scopes: scope, ttlSeconds: ttl), text: \.token)
        }
    }

    struct RotateTokenKeyCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rotate-key", abstract: "Publish a new token key; it signs once verifiers have had time to read it.")

        @OptionGroup var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String
        @Option(help: "For how many seconds it is published before it signs (default: 600).") var publishAhead: Int?

        func run() async throws {
            try await global.perform(RotateTokenKey(tenant: tenant, publishedAheadSeconds: publishAhead)) {
                "The new key of \($0.tenant) signs from \($0.signsFrom)."
            }
        }
    }
}
