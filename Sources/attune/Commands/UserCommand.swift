import ArgumentParser
import Engine
import Foundation

struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "See what is kept of a user.", subcommands: [Show.self, Items.self])

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

extension ItemDocument {
    fileprivate var line: String {
        "\(partition)  \(sort)  \(entityType)  version \(version)  \(bytes) bytes\(expiresAt.map { "  until \($0)" } ?? "")"
    }
}
