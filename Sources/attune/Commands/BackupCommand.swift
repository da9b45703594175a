import ArgumentParser
import Engine

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Back up the store and the key vault to a new folder, while the server runs.",
        discussion: """
            A backup does not include the master key, and cannot be restored without it: keep a copy of the master key file \
            elsewhere.

            EXAMPLE
              attune backup /backups/2026-12-01
            """)
    @OptionGroup(title: "Global options") var global: GlobalOptions
    @Argument(help: "The folder to create.") var directory: String

    func run() async throws {
        try await global.perform(BackUp(folder: Settings.absolute(directory))) {
            "Wrote \(Wording.count($0.bytes, "byte")) to \($0.folder)."
        }
    }
}

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check every record, the key vault, the folder, and the disk, and report problems.")
    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run() async throws {
        try await exiting {
            let answer = try await OperationRunner(settings: Settings(global.flags)).run(Diagnose())
            try global.show(answer) { answer in
                let counts = [
                    Wording.count(answer.tenants, "tenant"), Wording.count(answer.partitions, "partition"),
                    Wording.count(answer.items, "item"), Wording.count(answer.usedBytes, "byte"),
                ]
                let findings = answer.problems.map { "problem: \($0)" } + answer.warnings.map { "warning: \($0)" }
                return ([counts.joined(separator: ", ")] + (findings.isEmpty ? ["No problems found."] : findings)).joined(separator: "\n")
            }
            if !answer.healthy { throw ExitCode.failure }
        }
    }
}
