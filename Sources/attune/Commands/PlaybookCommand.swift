import ArgumentParser
import Engine
import Foundation

struct PlaybookCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "playbook", abstract: "Get, check, and set a tenant's playbook: its features, content types, insights, and rules.",
        subcommands: [Get.self, Put.self, Check.self])

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a tenant's playbook as JSON, or write it to a file.",
            discussion: "EXAMPLE\n  attune playbook get --tenant acme playbook.json")
        @OptionGroup(title: "Global options") var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String
        @Argument(help: "The file to write; without it, standard output.") var file: String?

        func run() async throws {
            try await exiting {
                let playbook = try await OperationRunner(settings: Settings(global.flags)).run(GetPlaybook(tenant: tenant))
                guard let file, file != "-" else { return print(playbook.json) }
                do {
                    try Data("\(playbook.json)\n".utf8).write(to: URL(fileURLWithPath: Settings.absolute(file)), options: .atomic)
                } catch {
                    throw CommandFailure("cannot write \(file): \(error.localizedDescription)")
                }
                StandardError.write("Wrote the playbook of tenant \(tenant) to \(file).\n")
            }
        }
    }

    struct Put: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set a tenant's playbook. An invalid one changes nothing.",
            discussion: "EXAMPLE\n  attune playbook put --tenant acme playbook.json")
        @OptionGroup(title: "Global options") var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String
        @Argument(help: "The file to read; - or nothing is standard input.") var file = "-"

        func run() async throws {
            try await PlaybookCommand.send(file, to: tenant, checksOnly: false, global)
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check a playbook and list what is wrong with it. Changes nothing.",
            discussion: "EXAMPLE\n  attune playbook check --tenant acme playbook.json")
        @OptionGroup(title: "Global options") var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String
        @Argument(help: "The file to read; - or nothing is standard input.") var file = "-"

        func run() async throws {
            try await PlaybookCommand.send(file, to: tenant, checksOnly: true, global)
        }
    }

    private static func send(_ file: String, to tenant: String, checksOnly: Bool, _ global: GlobalOptions) async throws {
        try await exiting {
            let operation = PutPlaybook(tenant: tenant, json: try TextInput(file).text(), checksOnly: checksOnly)
            let answer = try await OperationRunner(settings: Settings(global.flags)).run(operation)
            if answer.valid || global.json {
                try global.show(answer) { _ in checksOnly ? "The playbook is valid." : "Set the playbook of tenant \(tenant)." }
            }
            guard !answer.valid else { return }
            for problem in answer.problems {
                StandardError.line("\(problem.pointer.isEmpty ? "the playbook" : problem.pointer) \(problem.detail)")
            }
            throw CommandFailure("the playbook is invalid\(checksOnly ? "" : "; nothing was changed")")
        }
    }
}
