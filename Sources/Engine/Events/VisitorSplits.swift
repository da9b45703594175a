import Logging
import Store
import SwiftProtobuf
import Synchronization

/// Separates a visitor from the user whom it was joined to by mistake: the events that came under the visitor's id go back to it, the
/// counts of both are those of the events that each has, and only a new `identify` joins the visitor again.
///
/// A job of bounded transactions. The first separates the two for whatever comes later, and writes the rest down; killed at any point after
/// it, the job is finished at the next start. Until it ends both ids are shut: what comes for them meanwhile is to be sent again.
struct VisitorSplits: Sendable {
    private static let logger = Logger(label: "attune.joins")

    let scope: Scope

    /// What is to be separated.
    struct Plan: Sendable {
        let visitor: UserID
        let user: UserID
        /// Ids that were joined to the visitor: their events go with it.
        var others: [UserID] = []
        /// How many events go with the visitor.
        var events: UInt64 = 0

        func takes(_ record: EventRecord) -> Bool {
            guard !record.namesUser, !record.anonymousID.isEmpty else { return false }
            // Events from before the mark: these kinds name their user.
            if [EventKind.identify.rawValue, EventKind.alias.rawValue].contains(record.kind) { return false }
            return ([visitor] + others).contains { $0.text.hasSameBytes(as: record.anonymousID) }
        }
    }

    private var table: Table { scope.tenant.table.erasing }

    /// - Throws: `.notFound` where the visitor is not joined to the user.
    func plan(_ visitor: UserID, from user: UserID) async throws(EngineError) -> Plan {
        guard !scope.tenant.shutUsers.isShut(visitor), !scope.tenant.shutUsers.isShut(user) else { throw ShutUsers.refusal }
        let identity = try await table.get(.identity(visitor), as: IdentityRecord.self, now: scope.now)?.value ?? IdentityRecord()
        guard identity.hasJoinedInto, let target = try? UserID(identity.joinedInto), target == user else {
            throw EngineError(.notFound, "The visitor is not joined to this user.")
        }
        var plan = Plan(visitor: visitor, user: user, others: identity.joinedFrom.compactMap { try? UserID($0) })
        try await forEachPage(of: user) { _, page in
            for record in page.events {
                if plan.takes(record) { plan.events += 1 }
            }
        }
        return plan
    }

    /// - Returns: what was separated.
    /// - Throws: `.notFound` where the visitor is not joined to the user, `.conflict` while one of them is on legal hold.
    func split(_ visitor: UserID, from user: UserID) async throws(EngineError) -> Plan {
        if let pending = try await pending(visitor), pending.isSplit, pending.user.hasSameBytes(as: user.text) {
            let plan = try Self.plan(pending)
            try await whileShut(plan) { () throws(EngineError) in try await finish(plan, pending) }
            return plan
        }
        _ = try await plan(visitor, from: user)
        // What is on its way to the user arrives first.
        guard try await VisitorJoins(scope: scope).finish(visitor, user, JoinSteps(max: .max)) else { throw ShutUsers.refusal }
        for id in [visitor, user] where try await scope.tenant.isHeld(id, now: scope.now) { throw Holds.refusal }
        let plan = try await plan(visitor, from: user)
        try await whileShut(plan) { () throws(EngineError) in
            try await begin(plan)
            if let pending = try await pending(visitor) { try await finish(plan, pending) }
        }
        return plan
    }

    /// Finishes what a crash has left, before anybody is served.
    func resume() async {
        do throws(EngineError) {
            let records = try await table.all(
                in: Keyspace.partition(.joins), prefix: "JOIN#", as: PendingJoinRecord.self, now: scope.now)
            for record in records where record.value.isSplit { try await finish(try Self.plan(record.value), record.value) }
        } catch {
            Self.logger.warning("a separation could not be finished", metadata: ["error": "\(error.code)"])
        }
    }

    private static func plan(_ record: PendingJoinRecord) throws(EngineError) -> Plan {
        Plan(
            visitor: try UserID(record.visitor), user: try UserID(record.user), others: record.others.compactMap { try? UserID($0) })
    }

    private func pending(_ visitor: UserID) async throws(EngineError) -> PendingJoinRecord? {
        try await table.get(try table.pendingJoinKey(visitor), as: PendingJoinRecord.self, now: scope.now)?.value
    }

    private func whileShut(_ plan: Plan, _ body: () async throws(EngineError) -> Void) async throws(EngineError) {
        let users = [plan.visitor, plan.user]
        guard scope.tenant.shutUsers.beginMoving(users) else { throw ShutUsers.refusal }
        defer { scope.tenant.shutUsers.endMoving(users) }
        try await body()
    }
}

/// The steps.
extension VisitorSplits {
    private func begin(_ plan: Plan) async throws(EngineError) {
        let (visitor, user, others) = (plan.visitor, plan.user, plan.others)
        let pending = try table.pendingJoinKey(visitor)
        let keys: [Keyspace] = [.identity(visitor), .identity(user), .behavior(user), .joinCounter, pending]
        let entry = try AuditEntry(
            "visitor-split", subject: try table.subjectDigest(user), by: scope.principal.actor, in: scope.tenant.name, at: scope.now)
        // What came after the plan was made is behind the shut door: it is counted again.
        let fresh = try await counts(of: user)
        try await AuditLog(tenant: scope.tenant, isErasing: true).append(entry, now: scope.now, with: keys) {
            draft, _ throws(IntakeDraft.Interruption) in
            guard var own = try draft.get(.identity(visitor), as: IdentityRecord.self), own.isMoved,
                own.joinedInto.hasSameBytes(as: user.text), var other = try draft.get(.identity(user), as: IdentityRecord.self)
            else { throw .failed(EngineError(.conflict, "The visitor has been joined to another user meanwhile.")) }
            own.clearJoinedInto()
            (own.isMoved, own.isSplit) = (false, true)
            try draft.put(.identity(visitor), own)
            let gone = ([visitor] + others).map(\.text)
            other.joinedFrom.removeAll { joined in gone.contains { $0.hasSameBytes(as: joined) } }
            try draft.put(.identity(user), other)
            var counter = try draft.get(.joinCounter, as: JoinCounterRecord.self) ?? JoinCounterRecord()
            counter.joined -= min(counter.joined, 1)
            try draft.put(.joinCounter, counter)
            let behavior = try draft.get(.behavior(user), as: BehaviorRecord.self) ?? BehaviorRecord()
            try draft.put(
                pending,
                PendingJoinRecord.with {
                    ($0.visitor, $0.user, $0.isSplit) = (visitor.text, user.text, true)
                    $0.others = others.map(\.text)
                    $0.expiredEvents = behavior.countedEvents - min(behavior.countedEvents, fresh.events)
                    $0.expiredSessions = behavior.sessions - min(behavior.sessions, fresh.sessions)
                })
        }
        scope.tenant.joinedVisitors.withLock { $0 = max(0, $0 - 1) }
    }

    /// What is kept of the user: events that count, and sessions with the one that is open.
    private func counts(of user: UserID) async throws(EngineError) -> (events: UInt64, sessions: UInt64) {
        var (events, sessions): (UInt64, UInt64) = (0, 0)
        try await forEachPage(of: user) { _, page in
            events += UInt64(page.events.compactMap { Event($0) }.count { $0.kind.isCounted && !$0.isBot && !$0.isMeasurement })
        }
        try await table.forEachItem(in: Keyspace.partition(of: user), prefix: "SESSION#", now: scope.now) { _ in sessions += 1 }
        if try await table.get(.behavior(user), as: BehaviorRecord.self, now: scope.now)?.value.hasOpenSession ?? false { sessions += 1 }
        return (events, sessions)
    }

    private func finish(_ plan: Plan, _ pending: PendingJoinRecord) async throws(EngineError) {
        var pages: [String] = []
        try await forEachPage(of: plan.user) { name, page in
            if page.events.contains(where: plan.takes) { pages.append(name) }
        }
        for name in pages { try await movePage(name, plan) }
        try await makeState(of: plan.visitor)
        try await EventRecount(
            scope: scope, user: plan.user, table: table, expiredEvents: pending.expiredEvents, expiredSessions: pending.expiredSessions
        ).run()
        try await EventRecount(scope: scope, user: plan.visitor, table: table, expiredEvents: 0, expiredSessions: 0).run()
        let key = try table.pendingJoinKey(plan.visitor)
        try await table.write([key], now: scope.now) { draft throws(EngineError) in
            if draft.version(of: key) != 0 { draft.delete(key) }
        }
        await BehavioralProfiles().fileAnew(scope, [plan.user])
    }

    /// The events' marks against duplicates leave the user, too: joined again, they would count as known.
    private func movePage(_ name: String, _ plan: Plan) async throws(EngineError) {
        let (source, target) = (Keyspace.eventPage(plan.user, name: name), Keyspace.eventPage(plan.visitor, name: name))
        guard let known = try await table.get(source, as: EventPageRecord.self, now: scope.now)?.value else { return }
        let digests = Set(
            try known.events.filter(plan.takes).map { record throws(EngineError) in try table.number("message", record.messageID.utf8) })
        let shards = Set(digests.map { SeenMessages.shard(of: $0) }).map { Keyspace.seenMessages(plan.user, shard: $0) }
        let (days, state) = (Int64(scope.tenant.intakeRules.retentionDays), Keyspace.behavior(plan.user))
        try await table.write([source, target, state] + shards, now: scope.now) { draft throws(EngineError) in
            guard let page = try draft.get(source, as: EventPageRecord.self) else { return }
            var taken = try draft.get(target, as: EventPageRecord.self) ?? EventPageRecord()
            taken.events += page.events.filter(plan.takes)
            let rest = EventPageRecord.with { $0.events = page.events.filter { !plan.takes($0) } }
            func end(_ page: EventPageRecord) -> Timestamp? {
                page.events.map(\.at).min().map { Timestamp(milliseconds: $0).adding(seconds: days * 86_400) }
            }
            try draft.put(target, taken, expiresAt: end(taken))
            if rest.events.isEmpty { draft.delete(source) } else { try draft.put(source, rest, expiresAt: end(page)) }
            if var behavior = try draft.get(state, as: BehaviorRecord.self), behavior.hasSeen {
                var seen = SeenMessages(behavior.seen)
                seen.forget(digests)
                behavior.seen = seen.record
                try draft.put(state, behavior)
            }
            for key in shards {
                guard let record = try draft.get(key, as: SeenRecord.self) else { continue }
                var seen = SeenMessages(record)
                seen.forget(digests)
                let age = Int64(2 * Limits.messageMemorySeconds)
                try draft.put(key, seen.record, expiresAt: seen.generationBeganAt.adding(seconds: 2 * age))
            }
        }
    }

    /// Of a visitor whose own went with the join.
    private func makeState(of visitor: UserID) async throws(EngineError) {
        let now = scope.now
        try await table.write([.behavior(visitor)], now: now) { draft throws(EngineError) in
            guard draft.version(of: .behavior(visitor)) == 0 else { return }
            try draft.put(.behavior(visitor), BehaviorState(now: now, isAnonymous: true).record)
        }
    }

    private func forEachPage(
        of user: UserID, _ body: (String, EventPageRecord) throws(EngineError) -> Void
    ) async throws(EngineError) {
        let prefix = "EVENT#"
        try await table.forEachItem(in: Keyspace.partition(of: user), prefix: prefix, now: scope.now) { item throws(EngineError) in
            let name = String(decoding: item.sort.dropFirst(prefix.utf8.count), as: UTF8.self)
            try body(name, try EventPageRecord(stored: item.item.payload))
        }
    }
}
