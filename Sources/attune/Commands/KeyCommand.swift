import ArgumentParser
import Engine

struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Make, list, rotate and revoke API keys.",
        subcommands: [Create.self, List.self, Rotate.self, Revoke.self])

    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case secret, publishable, privacy
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key. It is shown this once.",
            discussion: "EXAMPLE\n  attune key create --tenant acme --kind publishable --label web --origin https://acme.example")

        @OptionGroup var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String
        @Option(help: "secret: a tenant's servers; publishable: browsers; privacy: data-request tooling.") var kind: Kind
        @Option(help: "A name to know it by.") var label = ""
        @Option(help: "An origin that it may be used from; any, if none is given.") var origin: [String] = []

        func run() async throws {
            try await exiting {
                let operation = try CreateKey(tenant: tenant, kind: kind.rawValue, label: label, origins: origin)
                try await global.perform(operation, text: \.text)
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List a tenant's keys.")
        @OptionGroup var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String

        func run() async throws {
            try await global.perform(ListKeys(tenant: tenant)) { keys in
                keys.isEmpty ? "The tenant has no keys." : keys.map(\.line).joined(separator: "\n")
            }
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key in the place of another, which lives on for a while.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: "The key's id: the eight characters behind its prefix.") var id: String
        @Option(help: "For how many seconds the old key lives on (default: 86400).") var overlap: Int?

        func run() async throws {
            try await global.perform(RotateKey(id: id, overlapSeconds: overlap), text: \.text)
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Refuse a key from the next request on.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: "The key's id: the eight characters behind its prefix.") var id: String

        func run() async throws {
            try await global.perform(RevokeKey(id: id)) { "Revoked the key \($0.id)." }
        }
    }
}

extension NewKeyDocument {
    fileprivate var text: String { "\(key)\nThis is the only time that the key is shown." }
}

extension KeyDocument {
    fileprivate var line: String {
        let state = revokedAt.map { "revoked \($0)" } ?? expiresAt.map { "ends \($0)" } ?? "active"
        return "\(id)  \(kind), \(state), last used \(lastUsedAt ?? "never")\(label.isEmpty ? "" : ", \(label)")"
    }
}
