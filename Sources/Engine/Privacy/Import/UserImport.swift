import FoundationEssentials
import Store
import SwiftProtobuf
import Synchronization

/// Takes over a person whom another tenant, here or elsewhere, has exported (GDPR, Art. 20; `Schemas/export.schema.json`).
///
/// Events are taken again in the order in which they were received, so that days, sessions, message ids and the tenant's sums follow from
/// them; everything else is put as it stands. What an import that was killed has left is to be erased before it is done again.
package struct UserImport: Sendable {
    /// What became of it.
    package struct Answer: Codable, Sendable {
        package let userId: String
        /// How many values of each section.
        package var restored: [String: Int] = [:]
        /// What there was and cannot be taken over, and why.
        package var notRestored: [String: String] = [:]

        mutating func count(_ section: String, _ number: Int) {
            if number > 0 { restored[section, default: 0] += number }
        }
    }

    private let scope: Scope
    private let parts: [ImportedPart]
    private let notRestored: [String: String]

    private var table: Table { scope.tenant.table }

    /// Reads and checks all of it; nothing is written yet.
    /// - Throws: `.invalid` for what is no export of a user, or holds what none could.
    init(_ scope: Scope, _ document: JSONView) throws(EngineError) {
        guard document.member("exportVersion")?.integer == 1, let id = document.member("userId")?.string else {
            throw .invalid("/exportVersion", "must be that of a user's export as JSON: 1")
        }
        var views = [(user: try UserID(id), view: document)]
        for joined in document.member("joined")?.elements ?? [] {
            guard let id = joined.member("userId")?.string else { throw .invalid("/joined", "must name the ids") }
            views.append((try UserID(id, pointer: "/joined"), joined))
        }
        let users = views.map(\.user)
        guard users.count <= Limits.joinedVisitorsMax + 1, Set(users).count == users.count else {
            throw .invalid("/joined", "must be different ids, at most 100")
        }
        var parts: [ImportedPart] = []
        for (user, view) in views {
            parts.append(try ImportedPart(user, view, identity: Self.identity(of: user, among: users), scope))
        }
        (self.scope, self.parts, notRestored) = (scope, parts, Self.losses(parts, views.map(\.view)))
    }

    /// Who was joined to whom, by which ids come together in the document: what it says of other ids is nothing that this tenant has seen,
    /// and would lead to whoever has such an id here.
    private static func identity(of user: UserID, among users: [UserID]) -> IdentityRecord? {
        guard users.count > 1 else { return nil }
        guard user != users[0] else { return .with { $0.joinedFrom = users.dropFirst().map(\.text) } }
        // Who is exported with the person has arrived there.
        return .with { ($0.joinedInto, $0.isMoved) = (users[0].text, true) }
    }

    private static func losses(_ parts: [ImportedPart], _ views: [JSONView]) -> [String: String] {
        var losses: [String: String] = [:]
        for part in parts { losses.merge(part.notRestored) { "\($0); \($1)" } }
        for section in ["aiAdvice", "aiSuggestions"] where views.contains(where: { $0.member(section) != nil }) {
            losses[section] = "it is made anew from the profile"
        }
        if views.contains(where: { !($0.member("keptAnswers")?.elements ?? []).isEmpty }) {
            losses["keptAnswers"] = "they are answers to credentials of the other tenant"
        }
        return losses
    }

    /// - Parameter erasures: takes back what was written where the rest cannot be.
    /// - Throws: `.conflict` where something is kept of the person already; nothing is changed then, nor where anything else fails.
    func run(undoingBy erasures: Erasures) async throws(EngineError) -> Answer {
        for part in parts { try await checkIsNew(part.user) }
        let user = parts[0].user
        let entry = try AuditEntry(
            "user-import", subject: try table.subjectDigest(user), by: scope.principal.actor, in: scope.tenant.name, at: scope.now)
        try await AuditLog(tenant: scope.tenant).append(entry, now: scope.now)
        var answer = Answer(userId: user.text, notRestored: notRestored)
        do throws(EngineError) {
            for part in parts {
                try await takeEvents(of: part, &answer)
                try await putItems(of: part, &answer)
            }
            try await countJoined(parts.count - 1)
        } catch {
            await undo(erasures)
            throw error
        }
        return answer
    }

    private func undo(_ erasures: Erasures) async {
        try? await UserUncount(scope: scope, table: table.erasing, keepsSums: false).run(of: parts.map(\.user))
        for part in parts { try? await erasures.destroy(Keyspace.partition(of: part.user), of: scope.tenant) }
    }

    private func checkIsNew(_ user: UserID) async throws(EngineError) {
        if try scope.tenant.isSuppressed(user) { throw Restrictions.refusal }
        guard try await table.page(in: Keyspace.partition(of: user), prefix: "", limit: 1, now: scope.now).isEmpty else {
            throw EngineError(.conflict, "Something is kept of this user already: erase that first.")
        }
    }

    private func countJoined(_ count: Int) async throws(EngineError) {
        guard count > 0 else { return }
        try await table.write([.joinCounter], now: scope.now) { draft throws(EngineError) in
            var counter = try draft.get(.joinCounter, as: JoinCounterRecord.self) ?? JoinCounterRecord()
            counter.joined += UInt64(count)
            try draft.put(.joinCounter, counter)
        }
        scope.tenant.joinedVisitors.withLock { $0 += count }
    }
}

/// Events, and what follows from them.
extension UserImport {
    private func takeEvents(of part: ImportedPart, _ answer: inout Answer) async throws(EngineError) {
        guard let begun = part.behavior?.record else { return }
        let user = part.user
        try await table.write([.behavior(user)], now: scope.now) { draft throws(EngineError) in try draft.put(.behavior(user), begun) }
        answer.count("behavior", 1)
        for some in Self.steps(of: part.events) { answer.count("events", try await take(some, of: user)) }
    }

    /// Events that go into one transaction: one that is before those that came before it begins another.
    private static func steps(of events: [PreparedEvent]) -> [[PreparedEvent]] {
        events.reduce(into: []) { steps, event in
            if let last = steps.last?.last, last.event.at <= event.event.at, steps[steps.count - 1].count < Limits.eventsPerTransactionMax {
                steps[steps.count - 1].append(event)
            } else {
                steps.append([event])
            }
        }
    }

    /// - Returns: how many were new.
    private func take(_ events: [PreparedEvent], of user: UserID) async throws(EngineError) -> Int {
        let intake = UserIntake(
            user: user, events: events, rules: scope.tenant.intakeRules, now: scope.now, consent: .none,
            known: try await scope.knownState(of: user), followsJoin: false)
        let taken = try await table.writeFinding(intake.likelyKeys(), now: scope.now) { draft throws(IntakeDraft.Interruption) in
            try intake.run(&draft)
        }
        if let taken { return taken.statuses.count { $0 == .accepted } }
        guard events.count > 1 else { throw EngineError(.internalError, "An event touches too many items.") }
        let first = try await take(Array(events.prefix(events.count / 2)), of: user)
        return first + (try await take(Array(events.dropFirst(events.count / 2)), of: user))
    }
}

/// What is put as it stands.
extension UserImport {
    private func putItems(of part: ImportedPart, _ answer: inout Answer) async throws(EngineError) {
        var items = part.items
        if var record = part.behavioralProfile {
            // Under an id of this tenant's own.
            record.id = try await BehavioralProfiles().takeID(scope)
            record.userID = part.user.text
            items.append(.init(key: .behavioralProfile(part.user), record: record))
            let index = BehavioralProfileIndexRecord.with { $0.userID = part.user.text }
            items.append(.init(key: .behavioralProfileIndex(record.id), record: index))
            items.append(.init(key: .behavioralLevelIndex(EngagementLevel(score: record.score), record.id), record: index))
            answer.count("behavioralProfile", 1)
        }
        for some in Self.steps(of: items) {
            try await table.write(some.map(\.key), now: scope.now) { draft throws(EngineError) in
                for item in some { try draft.put(item.key, item.record, expiresAt: item.expiresAt) }
            }
        }
        for (section, count) in part.counts { answer.count(section, count) }
    }

    /// Items that go into one transaction.
    private static func steps(of items: [ImportedPart.Item]) -> [[ImportedPart.Item]] {
        var (steps, bytes): ([[ImportedPart.Item]], Int) = ([], 0)
        for item in items {
            if let last = steps.last, last.count < StoreLimits.itemsPerTransactionMax, bytes + item.bytes <= Limits.importedRecordBytesMax {
                steps[steps.count - 1].append(item)
                bytes += item.bytes
            } else {
                steps.append([item])
                bytes = item.bytes
            }
        }
        return steps
    }
}
