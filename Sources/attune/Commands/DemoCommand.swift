import ArgumentParser
import Engine
import Foundation

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Fill a tenant with plausible users.", subcommands: [Fill.self])

    struct Fill: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make users with some weeks behind them. Those who are there already are left as they are.",
            discussion: "EXAMPLE\n  attune demo fill --tenant demo --users 300")

        @OptionGroup var global: GlobalOptions
        @Option(help: "The tenant.") var tenant: String
        @Option(help: "How many users.") var users = 300
        @Option(help: "The same seed makes the same users.") var seed: UInt64 = 1

        func validate() throws {
            guard (1...FillDemonstration.usersMax).contains(users) else {
                throw ValidationError("--users must be 1 to \(FillDemonstration.usersMax)")
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
                try global.show(total) { "Made \($0.users) users with \($0.uses) uses; \($0.known) were there already." }
            }
        }
    }
}
