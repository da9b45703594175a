import ArgumentParser
import Engine

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy store and vault into a new folder, while serving.",
        discussion: "The keys in it are wrapped by the master key, which is not in it: keep the master key file elsewhere.")
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The folder to make.") var directory: String

    func run() async throws {
        try await global.perform(BackUp(folder: Settings.absolute(directory))) { "Wrote \($0.bytes) bytes to \($0.folder)." }
    }
}

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Open every record, look at vault, folder and disk, and say what is wrong.")
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try await exiting {
            let answer = try await OperationRunner(settings: Settings(global.flags)).run(Diagnose())
            try global.show(answer) { answer in
                let head = "\(answer.tenants) tenants, \(answer.partitions) partitions, \(answer.items) items, \(answer.usedBytes) bytes"
                let findings = answer.problems.map { "PROBLEM  \($0)" } + answer.warnings.map { "warning  \($0)" }
                return ([head] + (findings.isEmpty ? ["All is well."] : findings)).joined(separator: "\n")
            }
            if !answer.healthy { throw ExitCode.failure }
        }
    }
}
