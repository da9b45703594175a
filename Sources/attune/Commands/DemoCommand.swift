import ArgumentParser
import Engine
import Foundation

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Fill a tenant with sample data.", subcommands: [Fill.self])

    struct Fill: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create sample users with a few weeks of history. Existing users are left unchanged.",
            discussion: "EXAMPLE\n  attune demo fill --tenant demo --users 300")

        @OptionGroup(title: "Global options") var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String
        @Option(help: "The number of users.") var users = 300
        @Option(help: "Seed of the generator; the same seed creates the same users.") var seed: UInt64 = 1

        func validate() throws {
            guard (1...FillDemonstration.usersMax).contains(users) else {
                throw ValidationError("--users must be 1 to \(FillDemonstration.usersMax).")
            }
        }

        func run() async throws {
            try await exiting {
                let runner = OperationRunner(settings: try Settings(global.flags))
                var total = FillDemonstration.Answer(users: 0, known: 0, uses: 0)
                var bar = ProgressBar(total: users, label: "users")
                for first in stride(from: 1, through: users, by: FillDemonstration.usersPerCallMax) {
                    let count = min(FillDemonstration.usersPerCallMax, users - first + 1)
                    let step = FillDemonstration(tenant: tenant, seed: seed, first: first, count: count)
                    total = total + (try await runner.run(step))
                    bar.advance(to: first + count - 1)
                }
                bar.finish()
                try global.show(total) { total in
                    let made = "Created \(Wording.count(total.users, "user")) with \(Wording.count(total.uses, "feature use"))"
                    return "\(made); \(Wording.grouped(total.known)) existed already."
                }
            }
        }
    }
}
