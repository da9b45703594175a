import ArgumentParser
import Engine

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Bring a backup back, with the server stopped.",
        discussion: """
            Into an empty folder it needs the master key: --master-key-file. Where the folder is in use, what was erased,
            revoked, restricted or refused since the backup stays so.

            The whole backup is checked first. One that is damaged changes nothing; one that lacks a tenant of the folder in
            use changes nothing without --force.
            """)
    @OptionGroup var global: GlobalOptions
    @Option(help: "A ledger that `attune privacy ledger` wrote: who was erased since the backup is erased again.") var ledger: String?
    @Flag(help: "Lose the tenants of the folder in use that the backup lacks.") var force = false
    @Argument(help: "The folder that `attune backup` made.") var directory: String

    func run() async throws {
        try await exiting {
            let settings = try Settings(global.flags)
            let restore = Restore(
                from: Settings.absolute(directory), settings.engine, keepsMasterKey: global.masterKeyFile != nil,
                ledgerPath: ledger.map { Settings.absolute($0) }, losesTenants: force)
            let answer = try await restore.run()
            try global.show(answer) { answer in
                let lost = answer.lostTenants.isEmpty ? "" : " Lost: \(answer.lostTenants.joined(separator: ", "))."
                return "Restored \(answer.tenants) tenants into \(answer.folder).\(lost)"
            }
        }
    }
}
