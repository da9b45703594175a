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

    /// One id with its sections.
    private struct Part {
        let user: UserID
        let view: JSONView
    }

    private let scope: Scope
    private let parts: [Part]

    private var table: Table { scope.tenant.table }

    /// - Throws: `.invalid` for what is no export of a user.
    init(_ scope: Scope, _ document: JSONView) throws(EngineError) {
        guard document.member("exportVersion")?.integer == 1, let id = document.member("userId")?.string else {
            throw .invalid("/exportVersion", "must be that of a user's export as JSON: 1")
        }
        var parts = [Part(user: try UserID(id), view: document)]
        for joined in document.member("joined")?.elements ?? [] {
            guard let id = joined.member("userId")?.string else { throw .invalid("/joined", "must name the ids") }
            parts.append(Part(user: try UserID(id, pointer: "/joined"), view: joined))
        }
        guard parts.count <= Limits.joinedVisitorsMax + 1, Set(parts.map(\.user)).count == parts.count else {
            throw .invalid("/joined", "must be different ids, at most 100")
        }
        (self.scope, self.parts) = (scope, parts)
    }

    /// - Throws: `.conflict` where something is kept of the person already; nothing is changed then.
    func run() async throws(EngineError) -> Answer {
        for part in parts { try await checkIsNew(part.user) }
        let user = parts[0].user
        let entry = try AuditEntry(
            "user-import", subject: try table.subjectDigest(user), by: scope.principal.actor, in: scope.tenant.name, at: scope.now)
        try await AuditLog(tenant: scope.tenant).append(entry, now: scope.now)
        var answer = Answer(userId: user.text)
        for part in parts {
            let reader = ExportReader(part.view)
            try await takeEvents(of: part.user, reader, &answer)
            try await putItems(of: part.user, reader, &answer)
        }
        try await countJoined(parts.count - 1)
        for section in ["aiAdvice", "aiSuggestions"] where parts.contains(where: { $0.view.member(section) != nil }) {
            answer.notRestored[section] = "it is made anew from the profile"
        }
        if parts.contains(where: { !($0.view.member("keptAnswers")?.elements ?? []).isEmpty }) {
            answer.notRestored["keptAnswers"] = "they are answers to credentials of the other tenant"
        }
        return answer
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
    private func takeEvents(of user: UserID, _ reader: ExportReader, _ answer: inout Answer) async throws(EngineError) {
        guard let known = reader.behavior(now: scope.now) else { return }
        let oldest = scope.now.adding(seconds: -Int64(scope.tenant.intakeRules.retentionDays) * 86_400)
        var events: [PreparedEvent] = []
        for (event, receivedAt) in reader.events(of: user, isAnonymous: known.isAnonymous) {
            guard event.at > oldest, event.at <= scope.now.adding(seconds: Int64(Limits.eventAheadSecondsMax)) else {
                answer.notRestored["events"] = "some are older than this tenant keeps events"
                continue
            }
            events.append(try PreparedEvent(event, receivedAt: receivedAt, table: table))
        }
        var state = known
        // Sessions whose events have ended are counted, and not shown.
        state.sessions -= min(state.sessions, reader.shownSessions)
        state.countedEvents -= min(state.countedEvents, UInt64(events.count { $0.counted != nil }))
        let begun = state.record
        try await table.write([.behavior(user)], now: scope.now) { draft throws(EngineError) in try draft.put(.behavior(user), begun) }
        for some in Self.steps(of: events) { try await take(some, of: user) }
        answer.count("behavior", 1)
        answer.count("events", events.count)
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

    private func take(_ events: [PreparedEvent], of user: UserID) async throws(EngineError) {
        let intake = UserIntake(
            user: user, events: events, rules: scope.tenant.intakeRules, now: scope.now, consent: .none,
            known: try await scope.knownState(of: user), followsJoin: false)
        let isTaken = try await table.writeFinding(intake.likelyKeys(), now: scope.now) { draft throws(IntakeDraft.Interruption) in
            try intake.run(&draft)
        }
        guard isTaken == nil else { return }
        guard events.count > 1 else { throw EngineError(.internalError, "An event touches too many items.") }
        try await take(Array(events.prefix(events.count / 2)), of: user)
        try await take(Array(events.dropFirst(events.count / 2)), of: user)
    }
}

/// What is put as it stands.
extension UserImport {
    private func putItems(of user: UserID, _ reader: ExportReader, _ answer: inout Answer) async throws(EngineError) {
        var items: [(key: Keyspace, record: any Message, expiresAt: Timestamp?)] = []
        let history = reader.consentHistory
        for record in history {
            let id = ConsentChange.newID(at: Timestamp(milliseconds: record.decidedAt))
            items.append((.consentChange(user, id: id), record, nil))
        }
        answer.count("consentHistory", history.count)
        if let record = reader.consent(keptChanges: history.count) {
            items.append((.consent(user), record, nil))
            answer.count("consent", 1)
        }
        if let profile = try reader.personalization() {
            items.append((.personalization(user), profile.record, nil))
            answer.count("personalization", 1)
        }
        if let record = reader.traits {
            items.append((.traits(user), record, nil))
            answer.count("traits", 1)
        }
        if let record = reader.identity {
            items.append((.identity(user), record, nil))
            answer.count("identity", 1)
        }
        for (place, record) in reader.exchanges {
            let end = Timestamp(milliseconds: record.at).adding(seconds: Limits.aiExchangeSeconds)
            if end > scope.now { items.append((.aiExchange(user, place: place), record, end)) }
        }
        answer.count("aiExchanges", items.count { if case .aiExchange = $0.key { true } else { false } })
        if let record = try await behavioralProfile(of: user, reader) {
            items.append((.behavioralProfile(user), record, nil))
            let named = BehavioralProfileIndexRecord.with { $0.userID = user.text }
            items.append((.behavioralProfileIndex(record.id), named, nil))
            items.append((.behavioralLevelIndex(EngagementLevel(score: record.score), record.id), named, nil))
            answer.count("behavioralProfile", 1)
        }
        for start in stride(from: 0, to: items.count, by: StoreLimits.itemsPerTransactionMax) {
            let some = Array(items[start..<min(start + StoreLimits.itemsPerTransactionMax, items.count)])
            try await table.write(some.map(\.key), now: scope.now) { draft throws(EngineError) in
                for item in some { try draft.put(item.key, item.record, expiresAt: item.expiresAt) }
            }
        }
    }

    /// Under an id of this tenant's own.
    private func behavioralProfile(of user: UserID, _ reader: ExportReader) async throws(EngineError) -> BehavioralProfileRecord? {
        guard var record = reader.behavioralProfile else { return nil }
        record.id = try await BehavioralProfiles().takeID(scope)
        record.userID = user.text
        return record
    }
}
