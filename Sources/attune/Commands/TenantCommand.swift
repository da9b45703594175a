import ArgumentParser
import Engine

struct TenantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenant", abstract: "Make, see, set, suspend, export and delete tenants.",
        subcommands: [Create.self, List.self, Show.self, Set.self, Suspend.self, Resume.self, Export.self, Delete.self])

    enum Consent: String, ExpressibleByArgument, CaseIterable {
        case optOut = "opt-out"
        case optIn = "opt-in"
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a tenant.",
            discussion: "EXAMPLE\n  attune tenant create acme --grant ai,marketing")

        @OptionGroup var global: GlobalOptions
        @Argument(help: "Its name: a to z, 0 to 9, _ and -, at most 63 characters.") var name: String
        @Option(help: "Where nothing is recorded of a user: opt-out allows analytics and personalization, opt-in nothing.")
        var consent = Consent.optOut
        @Option(help: "Purposes that the tenant's own terms cover, separated by commas: analytics, personalization, marketing, ai.")
        var grant: String?

        func run() async throws {
            let grants = grant?.split(separator: ",").map { $0.trimmingPrefix(" ") }.map(String.init) ?? []
            let operation = CreateTenant(name: name, isConsentOptIn: consent == .optIn, grants: grants)
            try await global.perform(operation) {
                "Made the tenant \($0.tenant). Next: attune key create --tenant \($0.tenant) --kind secret"
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the tenants, or the receipts of those that were deleted.")
        @OptionGroup var global: GlobalOptions
        @Flag(help: "Those that are gone, with their receipts.") var deleted = false

        func run() async throws {
            if deleted {
                return try await global.perform(ListDeletedTenants()) { tenants in
                    tenants.isEmpty
                        ? "No tenant was deleted."
                        : tenants.map { "\($0.tenant)  deleted \($0.deletedAt), receipt \($0.receipt.id)" }.joined(separator: "\n")
                }
            }
            try await global.perform(ListTenants()) { tenants in
                tenants.isEmpty ? "There are no tenants. Make one: attune tenant create NAME" : tenants.map(\.line).joined(separator: "\n")
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one tenant.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: "Its name.") var name: String

        func run() async throws {
            try await global.perform(ShowTenant(tenant: name), text: \.line)
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lay down how long a tenant's events are kept and how they count.",
            discussion: "EXAMPLE\n  attune tenant set acme --retention-days 90")

        @OptionGroup var global: GlobalOptions
        @Argument(help: "Its name.") var name: String
        @Option(help: "How long events are kept that are taken from now on (at first 400).") var retentionDays: Int?
        @Option(help: "After how many days an interaction counts half in implicit ratings (at first 30).") var ratingHalfLifeDays: Double?
        @Option(help: "How many days a behavioral score that was sent overrides the automatic one (at first 30).")
        var explicitScoreDays: Int?

        func run() async throws {
            let operation = SetTenant(
                tenant: name, retentionDays: retentionDays, ratingHalfLifeDays: ratingHalfLifeDays, explicitScoreDays: explicitScoreDays)
            try await global.perform(operation, text: \.line)
        }
    }

    struct Suspend: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Refuse a tenant's credentials from the next request on.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: "Its name.") var name: String

        func run() async throws {
            try await global.perform(SuspendTenant(tenant: name, isSuspended: true), text: \.line)
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Admit a suspended tenant's credentials again.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: "Its name.") var name: String

        func run() async throws {
            try await global.perform(SuspendTenant(tenant: name, isSuspended: false), text: \.line)
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Write everything that a tenant has into a file of JSON lines.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: "Its name.") var name: String
        @Option(name: .short, help: "The file.") var output: String

        func run() async throws {
            try await global.perform(ExportTenant(tenant: name, path: Settings.absolute(output))) {
                "Wrote \($0.items) items to \($0.path). Receipt \($0.receipt.id), entry \($0.receipt.log.leafIndex) of the log."
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Destroy a tenant's keys, and with them everything that it has. There is no way back. Prints the receipt.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: "Its name.") var name: String
        @Flag(help: "Also where users of it are under a legal hold.") var despiteHolds = false

        func run() async throws {
            try await global.perform(DeleteTenant(tenant: name, despiteHolds: despiteHolds)) {
                "Deleted the tenant \(name). Receipt \($0.id): attune tenant list --deleted --json shows it again."
            }
        }
    }
}

extension TenantDocument {
    fileprivate var line: String {
        let granted = grants.isEmpty ? "" : ", grants \(grants.joined(separator: ", "))"
        return """
            \(tenant)  \(suspended ? "suspended" : "active"), \(consent)\(granted), events kept \(retentionDays) days, since \(createdAt)
            """
    }
}
