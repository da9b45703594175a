import ArgumentParser
import Engine
import Foundation

extension UserCommand {
    struct Erase: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Erase everything held about one or many users, for good. Prints the receipts.",
            discussion: """
                On a terminal it asks first; elsewhere it needs --yes. An id under which nothing is held is reported, and the command \
                exits with 1.

                EXAMPLES
                  attune user erase --tenant acme --user u1 --dry-run              show what would be erased
                  attune user erase --tenant acme --user u1 --yes                  erase it without asking
                  attune user erase --tenant acme --ids-file ids.txt --yes         one id per line, up to \(Limits.bulkErasureUsersMax)
                """)
        @OptionGroup(title: "Global options") var global: GlobalOptions
        @OptionGroup var confirmation: Confirmation
        @Option(help: "The tenant.") var tenant: String
        @Option(help: "The user's id.") var user: String?
        @Option(help: "A file of user ids, one per line.") var idsFile: String?
        @Flag(help: "Issue a receipt even for an id under which nothing is held.") var force = false

        func validate() throws {
            guard (user == nil) != (idsFile == nil) else { throw ValidationError("Give one user with --user, or many with --ids-file.") }
        }

        func run() async throws {
            try await exiting {
                try confirmation.requireAnswerable()
                if let user { try await erase(user) } else { try await eraseMany() }
            }
        }

        private func erase(_ user: String) async throws {
            let runner = OperationRunner(settings: try Settings(global.flags))
            if confirmation.needsPreview {
                let preview = try await runner.run(PreviewErasure(tenant: tenant, user: user))
                if confirmation.dryRun { return try preview.show(by: global, tenant: tenant) }
                guard force || !preview.nothingHeld else { throw CommandFailure(preview.text(tenant: tenant)) }
                try confirmation.ask("\(preview.text(tenant: tenant))\nErasing cannot be undone, not even from a backup.")
            }
            let receipt = try await runner.run(EraseUser(tenant: tenant, user: user, isForced: force))
            let result = receipt.nothingHeld ?? false ? "Nothing was held under the id \(user)." : "Erased user \(user)."
            try global.show(receipt) { "\(result)\n\($0.line)" }
        }

        private func eraseMany() async throws {
            let users = try ids()
            let session = OperationSession(settings: try Settings(global.flags))
            if confirmation.dryRun { return try await previewMany(users, session) }
            try confirmation.ask(
                "Erasing removes everything held about \(Wording.count(users.count, "user")) of tenant \(tenant), and cannot be undone.")
            var (answer, bar) = (EraseUsers.Answer(), ProgressBar(total: users.count, label: "users"))
            do {
                try await session.closing {
                    for start in stride(from: 0, to: users.count, by: EraseUsers.usersPerCallMax) {
                        let some = Array(users[start..<min(start + EraseUsers.usersPerCallMax, users.count)])
                        answer.add(try await session.run(EraseUsers(tenant: tenant, users: some, isForced: force)))
                        bar.advance(to: start + some.count)
                    }
                }
            } catch {
                // Whoever is gone by now is gone: their receipts must not be lost with the rest.
                bar.finish()
                if !(answer.erased.isEmpty && answer.kept.isEmpty) { try show(answer) }
                throw error
            }
            bar.finish()
            try show(answer)
            if !answer.kept.isEmpty { throw ExitCode.failure }
        }

        private func previewMany(_ users: [String], _ session: OperationSession) async throws {
            var previews: [PreviewErasure.Answer] = []
            try await session.closing {
                for user in users { previews.append(try await session.run(PreviewErasure(tenant: tenant, user: user))) }
            }
            try global.show(previews) { previews in
                var table = TextTable("user", "held")
                for preview in previews { table.add(preview.userId, Wording.kinds(preview.counts)) }
                return table.text
            }
            if previews.contains(where: \.nothingHeld) { throw ExitCode.failure }
        }

        private func show(_ answer: EraseUsers.Answer) throws {
            try global.show(answer) { "Erased \(Wording.count($0.erased.count, "user")); \(Wording.grouped($0.kept.count)) not erased." }
            for kept in answer.kept where !global.json { StandardError.line("\(kept.user): \(kept.reason)") }
        }

        /// All are looked at before the first is erased.
        private func ids() throws -> [String] {
            let path = idsFile ?? ""
            let text = try TextInput(path).text(bytesMax: Self.idsBytesMax)
            var seen: Set<UserID> = []
            var ids: [String] = []
            for (place, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
                if line.isEmpty { continue }
                // Somebody else may be called so without the blanks.
                let isPadded = line.first?.isWhitespace ?? false || line.last?.isWhitespace ?? false
                guard !isPadded, let user = try? UserID(String(line)) else {
                    let reason = isPadded ? "has blanks around the id" : "is not a user id of 1 to 256 bytes"
                    throw CommandFailure("\(path), line \(place + 1) \(reason); nothing was erased", status: EX_USAGE)
                }
                if seen.insert(user).inserted { ids.append(String(line)) }
            }
            guard (1...Limits.bulkErasureUsersMax).contains(ids.count) else {
                let max = Wording.grouped(Limits.bulkErasureUsersMax)
                throw CommandFailure("\(path) must hold 1 to \(max) ids; it holds \(Wording.grouped(ids.count))", status: EX_USAGE)
            }
            return ids
        }

        private static let idsBytesMax = 4 << 20
    }

    struct Anonymize: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a person from the data, for good, and keep the tenant's totals. Prints the receipt.",
            discussion: """
                On a terminal it asks first; elsewhere it needs --yes.

                EXAMPLE
                  attune user anonymize --tenant acme --user u1 --yes
                """)
        @OptionGroup(title: "Global options") var global: GlobalOptions
        @OptionGroup var confirmation: Confirmation
        @Option(help: "The tenant.") var tenant: String
        @Option(help: "The user's id.") var user: String

        func run() async throws {
            try await exiting {
                try confirmation.requireAnswerable()
                let runner = OperationRunner(settings: try Settings(global.flags))
                if confirmation.needsPreview {
                    let preview = try await runner.run(PreviewErasure(tenant: tenant, user: user))
                    if confirmation.dryRun { return try preview.show(by: global, tenant: tenant) }
                    try confirmation.ask(
                        "\(preview.text(tenant: tenant))\nAnonymizing removes all of it but the tenant's totals, for good.")
                }
                let receipt = try await runner.run(AnonymizeUser(tenant: tenant, user: user))
                let result = receipt.nothingHeld ?? false ? "Nothing was held under the id \(user)." : "Anonymized user \(user)."
                try global.show(receipt) { "\(result)\n\($0.line)" }
            }
        }
    }
}

extension PreviewErasure.Answer {
    fileprivate func text(tenant: String) -> String {
        guard !nothingHeld else { return "Nothing is held about user \(userId) of tenant \(tenant)." }
        let joined = joinedIds.isEmpty ? "" : " and \(Wording.count(joinedIds.count, "joined visitor"))"
        return "Held about user \(userId) of tenant \(tenant)\(joined): \(Wording.kinds(counts))."
    }

    /// Shows what would go; exits with 1 where that is nothing.
    fileprivate func show(by global: GlobalOptions, tenant: String) throws {
        try global.show(self) { $0.text(tenant: tenant) }
        if nothingHeld { throw ExitCode.failure }
    }
}
