import ArgumentParser
import Engine

extension UserCommand {
    struct Split: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Separate a visitor who was joined to a user by mistake.",
            discussion: """
                The events that came under the visitor's anonymous id go back to the visitor, and sessions and counts of both follow.
                Events that name the user stay with the user, and so do traits. Only a new identify call joins the visitor again.
                On a terminal it asks first; elsewhere it needs --yes.

                EXAMPLES
                  attune user split --tenant acme --user u1 --visitor 7f3a --dry-run     show what would be separated
                  attune user split --tenant acme --user u1 --visitor 7f3a --yes
                """)
        @OptionGroup var global: GlobalOptions
        @OptionGroup var confirmation: Confirmation
        @Option(help: "The tenant.") var tenant: String
        @Option(help: "The user's id.") var user: String
        @Option(help: "The visitor's anonymous id.") var visitor: String

        func run() async throws {
            try await exiting {
                try confirmation.requireAnswerable()
                let runner = OperationRunner(settings: try Settings(global.flags))
                if confirmation.needsPreview {
                    let preview = try await runner.run(PreviewSplit(tenant: tenant, user: user, visitor: visitor))
                    if confirmation.dryRun { return try global.show(preview) { "Would separate \($0.text)." } }
                    try confirmation.ask("This separates \(preview.text).")
                }
                let answer = try await runner.run(SplitUser(tenant: tenant, user: user, visitor: visitor))
                try global.show(answer) { "Separated \($0.text)." }
            }
        }
    }
}

extension SplitAnswer {
    fileprivate var text: String { "visitor \(visitor) from user \(userId): \(Wording.count(Int(clamping: events), "event"))" }
}
