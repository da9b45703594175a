import ArgumentParser
import Engine

struct VaultCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vault", abstract: "Rotate the keys that wrap keys, while serving.", subcommands: [Master.self, Tenant.self])

    struct Master: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rotate-master", abstract: "Put a new master key in the place of the present one.",
            discussion: """
                The master key file is replaced. Backups made before open with the file as it was before: keep that as long as
                you keep them. Keep a copy of the new one apart from backups, which do not hold it.
                """)
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            try await global.perform(RotateMasterKey()) { _ in
                "The master key is a new one. Keep a copy of its file, and the former one for as long as you keep older backups."
            }
        }
    }

    struct Tenant: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rotate-tenant", abstract: "Give a tenant a new wrapping key and re-wrap its users' keys with it.")
        @OptionGroup var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String

        func run() async throws {
            try await global.perform(RotateWrappingKey(tenant: tenant)) { _ in "The wrapping key of \(tenant) is a new one." }
        }
    }
}
