import ArgumentParser
import Engine

struct TenantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenant", abstract: "Create, list, configure, suspend, export, and delete tenants.",
        subcommands: [Create.self, List.self, Show.self, Set.self, Suspend.self, Resume.self, Export.self, Delete.self])

    enum Consent: String, ExpressibleByArgument, CaseIterable {
        case optOut = "opt-out"
        case optIn = "opt-in"
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create a tenant.",
            discussion: """
                EXAMPLES
                  attune tenant create acme --grant ai,marketing
                  attune tenant create corner-shop --playbook general
                """)

        @OptionGroup(title: "Global options") var global: GlobalOptions
        @Argument(help: "The tenant's name: a-z, 0-9, _ and -, starting with a letter or digit, up to 63 characters.") var name: String
        @Option(help: "What applies to users who have not decided: opt-out allows analytics and personalization; opt-in allows nothing.")
        var consent = Consent.optOut
        @Option(help: "Purposes that the tenant's own terms cover, separated by commas: analytics, personalization, marketing, ai.")
        var grant: String?
        @Option(help: "The built-in playbook, which applies until the tenant sets its own: real-estate, or general for any other trade.")
        var playbook = BuiltInPlaybook.realEstate

        func run() async throws {
            let grants = grant?.split(separator: ",").map { $0.trimmingPrefix(" ") }.map(String.init) ?? []
            let operation = CreateTenant(name: name, isConsentOptIn: consent == .optIn, grants: grants, playbook: playbook)
            try await global.perform(operation) {
                "Created tenant \($0.tenant).\nNext: attune key create --tenant \($0.tenant) --kind secret"
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List tenants, or the receipts of deleted ones.")
        @OptionGroup(title: "Global options") var global: GlobalOptions
        @Flag(help: "List deleted tenants with their receipts.") var deleted = false

        func run() async throws {
            if deleted {
                return try await global.perform(ListDeletedTenants()) { tenants in
                    guard !tenants.isEmpty else { return "No tenants have been deleted." }
                    var table = TextTable("tenant", "deleted", "receipt")
                    for tenant in tenants { table.add(tenant.tenant, tenant.deletedAt, tenant.receipt.id) }
                    return table.text
                }
            }
            try await global.perform(ListTenants()) { tenants in
                tenants.isEmpty ? "There are no tenants yet. Create one: attune tenant create NAME" : TenantDocument.table(tenants)
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one tenant.")
        @OptionGroup(title: "Global options") var global: GlobalOptions
        @Argument(help: "The tenant's name.") var name: String

        func run() async throws {
            try await global.perform(ShowTenant(tenant: name)) { TenantDocument.table([$0]) }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set a tenant's retention and scoring.",
            discussion: "EXAMPLE\n  attune tenant set acme --retention-days 90")

        @OptionGroup(title: "Global options") var global: GlobalOptions
        @Argument(help: "The tenant's name.") var name: String
        @Option(help: "How many days new events are kept (initially 400).") var retentionDays: Int?
        @Option(help: "Days after which an interaction counts half in implicit ratings (initially 30).") var ratingHalfLifeDays: Double?
        @Option(help: "Days for which a behavioral score sent by the tenant overrides the computed one (initially 30).")
        var explicitScoreDays: Int?

        func run() async throws {
            let operation = SetTenant(
                tenant: name, retentionDays: retentionDays, ratingHalfLifeDays: ratingHalfLifeDays, explicitScoreDays: explicitScoreDays)
            try await global.perform(operation) { TenantDocument.table([$0]) }
        }
    }

    struct Suspend: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Suspend a tenant: its credentials are refused from the next request.")
        @OptionGroup(title: "Global options") var global: GlobalOptions
        @Argument(help: "The tenant's name.") var name: String

        func run() async throws {
            try await global.perform(SuspendTenant(tenant: name, isSuspended: true)) { "Suspended tenant \($0.tenant)." }
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Resume a suspended tenant.")
        @OptionGroup(title: "Global options") var global: GlobalOptions
        @Argument(help: "The tenant's name.") var name: String

        func run() async throws {
            try await global.perform(SuspendTenant(tenant: name, isSuspended: false)) { "Resumed tenant \($0.tenant)." }
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write all of a tenant's data to a file of JSON lines.",
            discussion: "EXAMPLE\n  attune tenant export acme --output acme.jsonl")
        @OptionGroup(title: "Global options") var global: GlobalOptions
        @Argument(help: "The tenant's name.") var name: String
        @Option(name: .shortAndLong, help: "The file to write.") var output: String

        func run() async throws {
            try await global.perform(ExportTenant(tenant: name, path: Settings.absolute(output)), writing: output) {
                "Wrote \(Wording.count($0.items, "item")) to \($0.path).\n\($0.receipt.line)"
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a tenant with all of its data, for good. Prints the receipt.",
            discussion: """
                Destroys the tenant's encryption keys, so that backups of its data become unreadable, too. On a terminal it asks \
                first; elsewhere it needs --yes.

                EXAMPLES
                  attune tenant delete acme --dry-run     show what would be deleted
                  attune tenant delete acme --yes         delete it without asking
                """)
        @OptionGroup(title: "Global options") var global: GlobalOptions
        @OptionGroup var confirmation: Confirmation
        @Argument(help: "The tenant's name.") var name: String
        @Flag(help: "Delete it even if some of its users are under a legal hold.") var despiteHolds = false

        func run() async throws {
            try await exiting {
                try confirmation.requireAnswerable()
                let runner = OperationRunner(settings: try Settings(global.flags))
                if confirmation.needsPreview {
                    let preview = try await runner.run(PreviewTenantDeletion(tenant: name))
                    if confirmation.dryRun { return try global.show(preview) { $0.text } }
                    try confirmation.ask("\(preview.text)\nThis cannot be undone, not even from a backup.", typing: name)
                }
                let receipt = try await runner.run(DeleteTenant(tenant: name, despiteHolds: despiteHolds))
                try global.show(receipt) {
                    "Deleted tenant \(name).\n\($0.line)\nShow it again: attune tenant list --deleted --json"
                }
            }
        }
    }
}

extension PreviewTenantDeletion.Answer {
    fileprivate var text: String {
        var items = counts
        let users = items.removeValue(forKey: "User") ?? 0
        return """
            Deleting tenant \(tenant) removes \(Wording.count(users, "user")) and \(Wording.count(keys, "API key")), with these records:
            \(Wording.kinds(items)).
            """
    }
}

extension Receipt {
    /// For people: which receipt it is, and where the log has it.
    var line: String { "Receipt \(id), audit log entry \(log.leafIndex)." }
}

extension TenantDocument {
    fileprivate static func table(_ tenants: [TenantDocument]) -> String {
        var table = TextTable("tenant", "state", "consent", "grants", "playbook", "retention", "created")
        for tenant in tenants {
            table.add(
                tenant.tenant, tenant.suspended ? "suspended" : "active", tenant.consent,
                tenant.grants.isEmpty ? "-" : tenant.grants.joined(separator: ","), tenant.playbook,
                Wording.count(tenant.retentionDays, "day"), tenant.createdAt)
        }
        return table.text
    }
}

extension BuiltInPlaybook: ExpressibleByArgument {}
