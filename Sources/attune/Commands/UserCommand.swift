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
            abstract: "Erase a user, or many: everything that is held, for good. Prints the receipt, or their ids.",
            discussion: """
                EXAMPLES
                  attune user erase --tenant acme --user u1
                  attune user erase --tenant acme --ids-file ids.txt      one id a line, up to \(Limits.bulkErasureUsersMax)
                """)
        @OptionGroup var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String
        @Option(help: "The user's id.") var user: String?
        @Option(help: "A file of ids, one a line.") var idsFile: String?

        func validate() throws {
            guard (user == nil) != (idsFile == nil) else { throw ValidationError("name a user with --user, or many with --ids-file") }
        }

        func run() async throws {
            if let user {
                return try await global.perform(EraseUser(tenant: tenant, user: user)) {
                    "Erased. Receipt \($0.id), entry \($0.log.leafIndex) of the log."
                }
            }
            try await exiting { try await eraseMany() }
        }

        private func eraseMany() async throws {
            let users = try ids()
            let session = OperationSession(settings: try await Settings(global.flags))
            var (answer, bar) = (EraseUsers.Answer(), ProgressBar(total: users.count, label: "users"))
            do {
                try await session.closing {
                    for start in stride(from: 0, to: users.count, by: EraseUsers.usersPerCallMax) {
                        let some = Array(users[start..<min(start + EraseUsers.usersPerCallMax, users.count)])
                        answer.add(try await session.run(EraseUsers(tenant: tenant, users: some)))
                        bar.advance(to: start + some.count)
                    }
                }
            } catch {
                // Whoever is gone by now is gone: their receipts are not lost with the rest.
                bar.finish()
                if !(answer.erased.isEmpty && answer.kept.isEmpty) { try show(answer) }
                throw error
            }
            bar.finish()
            try show(answer)
            if !answer.kept.isEmpty { throw ExitCode.failure }
        }

        private func show(_ answer: EraseUsers.Answer) throws {
            try global.show(answer) { answer in
                let kept = answer.kept.map { "\n\($0.user): \($0.reason)" }.joined()
                return "Erased \(answer.erased.count) users; \(answer.kept.count) were not.\(kept)"
            }
        }

        /// All are looked at before the first is erased.
        private func ids() throws -> [String] {
            guard let data = FileManager.default.contents(atPath: Settings.absolute(idsFile ?? "")),
                let whole = String(data: data, encoding: .utf8)
            else { throw OperationFailure(EngineError(.notFound, "The file cannot be read.")) }
            var seen: Set<UserID> = []
            var ids: [String] = []
            // Editors put a byte order mark in front.
            let text = whole.unicodeScalars.first == "\u{FEFF}" ? String(whole.unicodeScalars.dropFirst()) : whole
            for line in text.split(whereSeparator: \.isNewline) {
                // Nobody is called that; a list that was exported with blanks would erase nobody.
                guard line.first?.isWhitespace == false, line.last?.isWhitespace == false else {
                    throw EngineError.invalid("/ids-file", "must hold ids without blanks around them")
                }
                if seen.insert(try UserID(String(line), pointer: "/ids")).inserted { ids.append(String(line)) }
            }
            guard (1...Limits.bulkErasureUsersMax).contains(ids.count) else {
                throw EngineError.invalid("/ids-file", "must hold 1 to \(Limits.bulkErasureUsersMax) ids")
            }
            return ids
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
