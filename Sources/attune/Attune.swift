import ArgumentParser
import Engine
import Glibc

/// The one executable.
@main
struct Attune: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attune",
        abstract: "A multi-tenant personalization gateway: one process, one folder of data.",
        discussion: """
            EXAMPLES
              attune serve                                         serve ./data on 127.0.0.1:8080
              attune tenant create acme                            make a tenant
              attune key create --tenant acme --kind secret        make it a key
              attune token mint --tenant acme --user u1            let one of its users in
              attune user show --tenant acme --user u1             see what is kept of the user

            Commands work on the same data folder while the server runs. Settings are read from flags, then the
            environment (ATTUNE_DATA, ATTUNE_PORT, …), then ./attune.yaml.
            """,
        version: ProductVersion.text,
        subcommands: [
            ServeCommand.self, TenantCommand.self, KeyCommand.self, TokenCommand.self, UserCommand.self, PrivacyCommand.self,
            VaultCommand.self,
            CatalogCommand.self, EventsCommand.self, BackupCommand.self, RestoreCommand.self, DoctorCommand.self, OpenAPICommand.self,
            DemoCommand.self,
        ])

    /// What any command makes, the operations socket included, is its owner's alone from the first moment on.
    static func main() async {
        umask(0o077)
        await main(nil)
    }
}
