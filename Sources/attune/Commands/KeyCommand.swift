import ArgumentParser
import Engine

struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Create, list, rotate, and revoke API keys.",
        subcommands: [Create.self, List.self, Rotate.self, Revoke.self])

    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case secret, publishable, privacy
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create a key and print it. It is shown only now.",
            discussion: """
                Standard output holds the key alone; everything else goes to standard error.

                EXAMPLES
                  KEY=$(attune key create --tenant acme --kind secret)
                  attune key create --tenant acme --kind publishable --label web --origin https://acme.example
                """)

        @OptionGroup(title: "Global options") var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String
        @Option(help: "secret: for the tenant's servers; publishable: for browsers; privacy: for data-request tools.") var kind: Kind
        @Option(help: "A name to recognize the key by.") var label = ""
        @Option(help: "An origin that may use the key; repeat it for more. Without it, any origin may.") var origin: [String] = []

        func run() async throws {
            try await exiting {
                let operation = try CreateKey(tenant: tenant, kind: kind.rawValue, label: label, origins: origin)
                try await global.perform(operation, text: \.shownOnce)
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List a tenant's keys, without their secrets.")
        @OptionGroup(title: "Global options") var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String

        func run() async throws {
            try await global.perform(ListKeys(tenant: tenant)) { keys in
                guard !keys.isEmpty else { return "The tenant has no keys. Create one: attune key create --tenant \(tenant) --kind secret" }
                var table = TextTable("id", "kind", "state", "last used", "label")
                for key in keys { table.add(key.id, key.kind, key.state, key.lastUsedAt ?? "never", key.label) }
                return table.text
            }
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Replace a key with a new one and print it. The old key keeps working for a while.",
            discussion: "EXAMPLE\n  attune key rotate 7fGh2KqZ --overlap 3600")
        @OptionGroup(title: "Global options") var global: GlobalOptions
        @Argument(help: "The key's id: the eight characters after its prefix.") var id: String
        @Option(help: "Seconds for which the old key keeps working (default: 86400).") var overlap: Int?

        func run() async throws {
            try await global.perform(RotateKey(id: id, overlapSeconds: overlap), text: \.shownOnce)
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Revoke a key: it is refused from the next request, for good.",
            discussion: """
                On a terminal it asks first; elsewhere it needs --yes.

                EXAMPLE
                  attune key revoke 7fGh2KqZ --yes
                """)
        @OptionGroup(title: "Global options") var global: GlobalOptions
        @OptionGroup var confirmation: Confirmation
        @Argument(help: "The key's id: the eight characters after its prefix.") var id: String

        func run() async throws {
            try await exiting {
                try confirmation.requireAnswerable()
                let runner = OperationRunner(settings: try Settings(global.flags))
                if confirmation.needsPreview {
                    let key = try await runner.run(ShowKey(id: id))
                    if confirmation.dryRun { return try global.show(key) { "Would revoke the \($0.text)." } }
                    try confirmation.ask("This revokes the \(key.text). Whatever uses it stops working at once.")
                }
                try global.show(try await runner.run(RevokeKey(id: id))) { "Revoked key \($0.id)." }
            }
        }
    }
}

extension NewKeyDocument {
    /// The key alone; that it is shown only now goes to standard error.
    fileprivate var shownOnce: String {
        StandardError.write("This key is shown only once. Store it now.\n")
        return key
    }
}

extension KeyDocument {
    fileprivate var state: String {
        revokedAt.map { "revoked \($0)" } ?? expiresAt.map { "ends \($0)" } ?? "active"
    }

    fileprivate var text: String {
        "\(kind) key \(id) of tenant \(tenant)\(label.isEmpty ? "" : " (\(label))"), last used: \(lastUsedAt ?? "never")"
    }
}
