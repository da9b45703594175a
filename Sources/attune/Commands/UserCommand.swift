import ArgumentParser
import Engine
import Foundation

struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Show, export, import, erase, and anonymize users.",
        subcommands: [Show.self, Items.self, Export.self, Import.self, Erase.self, Anonymize.self, Split.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a user's personalization profile.")
        @OptionGroup(title: "Global options") var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String
        @Option(help: "The user's id.") var user: String

        func run() async throws {
            try await global.perform(ShowUser(tenant: tenant, user: user)) { answer in
                let head = "User \(answer.userId): \(Wording.count(answer.items, "item"))"
                guard let profile = answer.personalization else { return "\(head), no personalization profile" }
                return "\(head)\n\(GlobalOptions.pretty(profile))"
            }
        }
    }

    struct Items: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List every item stored about a user, by its logical key.")
        @OptionGroup(title: "Global options") var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String
        @Option(help: "The user's id.") var user: String

        func run() async throws {
            try await global.perform(ListUserItems(tenant: tenant, user: user)) { items in
                guard !items.isEmpty else { return "Nothing is stored about user \(user)." }
                var table = TextTable("PK", "SK", "type", "version", "bytes", "expires")
                for item in items {
                    table.add(
                        item.partition, item.sort, item.entityType, "\(item.version)", "\(item.bytes)", item.expiresAt ?? "never")
                }
                return table.text
            }
        }
    }
}

extension UserCommand {
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Export everything held about a user, to standard output or to a file.",
            discussion: """
                An id under which nothing is held is reported, and the command exits with 1.

                EXAMPLES
                  attune user export --tenant acme --user u1 > u1.json
                  attune user export --tenant acme --user u1 --format csv --output u1.csv
                """)
        @OptionGroup(title: "Global options") var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String
        @Option(help: "The user's id.") var user: String
        @Option(help: "json, ndjson, or csv.") var format = "json"
        @Option(name: .shortAndLong, help: "The file to write; without it, standard output.") var output: String?
        @Flag(help: "Export even an id under which nothing is held.") var force = false

        func run() async throws {
            try await exiting(writing: output) {
                let path = output.map { Settings.absolute($0) }
                let operation = ExportUser(tenant: tenant, user: user, format: format, path: path, isForced: force)
                let answer = try await OperationRunner(settings: Settings(global.flags)).run(operation)
                // Without a file the document is the output, with --json too.
                if let text = answer.text { return print(text, terminator: "") }
                try global.show(answer) { "Wrote \(Wording.count($0.bytes, "byte")) to \(path ?? "")." }
            }
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Import a person from a user export in JSON, of this or another tenant.",
            discussion: """
                EXAMPLES
                  attune user import --tenant acme export.json
                  zcat export.json.gz | attune user import --tenant acme -
                """)
        @OptionGroup(title: "Global options") var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String
        @Argument(help: "The file to read; - is standard input.") var file: String

        func run() async throws {
            try await exiting {
                let document = try TextInput(file).document()
                try global.show(
                    try await OperationRunner(settings: Settings(global.flags)).run(ImportUser(tenant: tenant, document)), text: Self.text)
            }
        }

        private static func text(_ answer: ImportUser.Answer) -> String {
            let restored = answer.restored.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            let left = answer.notRestored.sorted { $0.key < $1.key }.map { "\nNot imported: \($0.key) (\($0.value))." }.joined()
            return "Imported user \(answer.userId): \(restored.isEmpty ? "the export was empty" : restored).\(left)"
        }
    }
}
