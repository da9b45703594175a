import ArgumentParser
import Engine

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Mint user tokens, and rotate the key that signs them.",
        subcommands: [Mint.self, RotateTokenKeyCommand.self])

    struct Mint: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Mint a token for one user and print it.",
            discussion: "EXAMPLE\n  attune token mint --tenant acme --user u1 --scope personalization:read --ttl 3600")

        @OptionGroup(title: "Global options") var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String
        @Option(help: "The user's id.") var user: String
        @Option(
            help: """
                What the token may do; repeat it or separate scopes with commas. Without it: personalization:read, \
                personalization:write, events:write.
                """) var scope: [String] = []
        @Option(help: "Lifetime in seconds, 1 to 86400 (default: 900).") var ttl: Int?

        func run() async throws {
            let scopes = scope.flatMap { $0.split(whereSeparator: { ", ".contains($0) }).map(String.init) }
            try await global.perform(MintToken(tenant: tenant, user: user, scopes: scopes, ttlSeconds: ttl), text: \.token)
        }
    }

    struct RotateTokenKeyCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rotate-key", abstract: "Publish a new token-signing key. It signs once verifiers have had time to fetch it.")

        @OptionGroup(title: "Global options") var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String
        @Option(help: "Seconds between publishing the key and signing with it (default: 600).") var publishAhead: Int?

        func run() async throws {
            try await global.perform(RotateTokenKey(tenant: tenant, publishedAheadSeconds: publishAhead)) {
                "The new key of tenant \($0.tenant) signs from \($0.signsFrom)."
            }
        }
    }
}
