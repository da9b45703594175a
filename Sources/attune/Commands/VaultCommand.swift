import ArgumentParser
import Engine

struct VaultCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vault", abstract: "Rotate the keys that encrypt other keys, while the server runs.",
        subcommands: [Master.self, Tenant.self])

    struct Master: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rotate-master", abstract: "Replace the master key with a new one.",
            discussion: """
                Replaces the master key file. Older backups still need the old file: keep it as long as you keep them. Backups do \
                not include the master key: keep a copy of the new file elsewhere.
                """)
        @OptionGroup(title: "Global options") var global: GlobalOptions

        func run() async throws {
            try await global.perform(RotateMasterKey()) { _ in
                "Replaced the master key. Keep a copy of the new file, and the old file as long as you keep older backups."
            }
        }
    }

    struct Tenant: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rotate-tenant", abstract: "Replace a tenant's wrapping key and re-encrypt its users' keys with the new one.")
        @OptionGroup(title: "Global options") var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String

        func run() async throws {
            try await global.perform(RotateWrappingKey(tenant: tenant)) { _ in "Replaced the wrapping key of tenant \(tenant)." }
        }
    }
}
