import ArgumentParser
import Engine

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Restore a backup, with the server stopped.",
        discussion: """
            Restoring to an empty folder needs --master-key-file. In a folder that is in use, whatever was erased, revoked, \
            restricted, or refused since the backup stays so.

            The whole backup is checked first. A damaged backup changes nothing; a backup that lacks a tenant of the folder changes \
            nothing without --force.

            EXAMPLE
              attune restore /backups/2026-12-01
            """)
    @OptionGroup(title: "Global options") var global: GlobalOptions
    @Option(help: "A ledger from attune privacy ledger: users erased since the backup are erased again.") var ledger: String?
    @Flag(help: "Lose the tenants of the folder that the backup lacks.") var force = false
    @Argument(help: "The folder that attune backup created.") var directory: String

    func run() async throws {
        try await exiting {
            let settings = try Settings(global.flags)
            let restore = Restore(
                from: Settings.absolute(directory), settings.engine, keepsMasterKey: global.masterKeyFile != nil,
                ledgerPath: ledger.map { Settings.absolute($0) }, losesTenants: force)
            let answer = try await restore.run()
            try global.show(answer) { answer in
                let lost = answer.lostTenants.isEmpty ? "" : " Lost: \(answer.lostTenants.joined(separator: ", "))."
                return "Restored \(Wording.count(answer.tenants, "tenant")) to \(answer.folder).\(lost)"
            }
        }
    }
}
