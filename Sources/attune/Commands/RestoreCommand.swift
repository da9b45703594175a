import ArgumentParser
import Engine

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Bring a backup back, with the server stopped.",
        discussion: """
            Into an empty folder it needs the master key: --master-key-file. Where the folder is in use, what was erased
            or revoked since the backup stays erased and revoked.
            """)
    @OptionGroup var global: GlobalOptions
    @Option(help: "A ledger that `attune privacy ledger` wrote: who was erased since the backup is erased again.") var ledger: String?
    @Argument(help: "The folder that `attune backup` made.") var directory: String

    func run() async throws {
        try await exiting {
            let settings = try await Settings(global.flags)
            let restore = Restore(
                from: Settings.absolute(directory), settings.engine, keepsMasterKey: global.masterKeyFile != nil,
                ledgerPath: ledger.map { Settings.absolute($0) })
            let answer = try await restore.run()
            try global.show(answer) { "Restored \($0.tenants) tenants into \($0.folder)." }
        }
    }
}
