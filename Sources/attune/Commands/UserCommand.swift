import ArgumentParser
import Engine
import Foundation

struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "See, export, import, erase or anonymize what is kept of a user.",
        subcommands: [Show.self, Items.self, Export.self, Import.self, Erase.self, Anonymize.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show what is kept of a user.")
        @OptionGroup var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String
        @Option(help: "The user's id.") var user: String

        func run() async throws {
            try await global.perform(ShowUser(tenant: tenant, user: user)) { answer in
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
                let profile = answer.personalization.flatMap { try? encoder.encode($0) }.map { String(decoding: $0, as: UTF8.self) }
                return "\(answer.userId): \(answer.items) items\n\(profile ?? "no personalization")"
            }
        }
    }

    struct Items: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List every item of a user under its logical key.")
        @OptionGroup var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String
        @Option(help: "The user's id.") var user: String

        func run() async throws {
            try await global.perform(ListUserItems(tenant: tenant, user: user)) { items in
                items.isEmpty ? "Nothing is kept of this user." : items.map(\.line).joined(separator: "\n")
            }
        }
    }
}

extension UserCommand {
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write everything that is held of a user: to standard output, or into a file.")
        @OptionGroup var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String
        @Option(help: "The user's id.") var user: String
        @Option(help: "json, ndjson or csv.") var format = "json"
        @Option(name: .short, help: "The file; standard output where none is named.") var output: String?

        func run() async throws {
            try await exiting {
                let path = output.map { Settings.absolute($0) }
                let operation = ExportUser(tenant: tenant, user: user, format: format, path: path)
                let answer = try await OperationRunner(settings: Settings(global.flags)).run(operation)
                // Without a file the document is the output, with --json too.
                if let text = answer.text { return print(text, terminator: "") }
                try global.show(answer) { "Wrote \($0.bytes) bytes to \(path ?? "")." }
            }
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take over a person from a user's export as JSON, of this or another tenant.",
            discussion: "EXAMPLE\n  attune user import --tenant acme export.json")
        @OptionGroup var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String
        @Argument(help: "The file.") var file: String

        func run() async throws {
            try await global.perform(ImportUser(tenant: tenant, path: Settings.absolute(file))) { answer in
                let restored = answer.restored.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
                let left = answer.notRestored.sorted { $0.key < $1.key }.map { "\nNot \($0.key): \($0.value)." }.joined()
                return "Took over \(answer.userId): \(restored.isEmpty ? "nothing was held" : restored).\(left)"
            }
        }
    }

    struct Erase: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Erase a user: everything that is held, for good. Prints the receipt.")
        @OptionGroup var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String
        @Option(help: "The user's id.") var user: String

        func run() async throws {
            try await global.perform(EraseUser(tenant: tenant, user: user)) {
                "Erased. Receipt \($0.id), entry \($0.log.leafIndex) of the log."
            }
        }
    }

    struct Anonymize: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take the person out of the data: the tenant's counts stay. Prints the receipt.")
        @OptionGroup var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String
        @Option(help: "The user's id.") var user: String

        func run() async throws {
            try await global.perform(AnonymizeUser(tenant: tenant, user: user)) {
                "Anonymized. Receipt \($0.id), entry \($0.log.leafIndex) of the log."
            }
        }
    }
}

extension ItemDocument {
    fileprivate var line: String {
        "\(partition)  \(sort)  \(entityType)  version \(version)  \(bytes) bytes\(expiresAt.map { "  until \($0)" } ?? "")"
    }
}
