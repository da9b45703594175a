import Store
import SwiftProtobuf

/// Counts a user's days, visits, and navigation anew from the events that are kept, in the order of their times.
///
/// For while nobody else writes to the user. Begun again after a crash it starts over, which doubles nothing.
struct EventRecount: Sendable {
    let scope: Scope
    let user: UserID
    let table: Table
    /// What counts hold of events that are not kept any more.
    let expiredEvents: UInt64
    let expiredSessions: UInt64

    func run() async throws(EngineError) {
        try await VisitRemoval(scope: scope, user: user, table: table).run()
        try await removeDays()
        let pages = try await pages()
        try await reset(hasEvents: !pages.isEmpty)
        var waiting: [PreparedEvent] = []
        // Names of pages begin with their times, the newest first.
        for sort in pages.reversed() {
            guard let name = Self.name(sort),
                let page = try await table.get(.eventPage(user, name: name), as: EventPageRecord.self, now: scope.now)
            else { continue }
            if let begins = Keyspace.moment(ofTimeName: Array(name.utf8)[...]) {
                // Later pages hold nothing earlier.
                let settled = waiting.filter { $0.event.at < begins }
                waiting.removeAll { $0.event.at < begins }
                try await count(settled)
            }
            for record in page.value.events {
                guard let event = Event(record) else { continue }
                waiting.append(try PreparedEvent(event, receivedAt: Timestamp(milliseconds: record.receivedAt), table: table))
            }
            waiting.sort { ($0.event.at, $0.receivedAt, $0.digest) < ($1.event.at, $1.receivedAt, $1.digest) }
        }
        try await count(waiting)
    }

    private func pages() async throws(EngineError) -> [String] {
        var sorts: [String] = []
        try await table.forEachItem(in: Keyspace.partition(of: user), prefix: Self.prefix, now: scope.now) { item in
            sorts.append(String(decoding: item.sort, as: UTF8.self))
        }
        return sorts
    }

    private static let prefix = "EVENT#"

    private static func name(_ sort: String) -> String? { sort.hasPrefix(prefix) ? String(sort.dropFirst(prefix.count)) : nil }

    private func removeDays() async throws(EngineError) {
        while true {
            let items = try await table.page(
                in: Keyspace.partition(of: user), prefix: "DAY#", limit: StoreLimits.itemsPerTransactionMax, now: scope.now)
            let keys = items.compactMap { item in
                Int64(String(decoding: item.sort.dropFirst(4), as: UTF8.self), radix: 16).map { Keyspace.day(user, 0xFFFFF - $0) }
            }
            guard !keys.isEmpty else { return }
            try await table.write(keys, now: scope.now) { draft throws(EngineError) in
                for key in keys { draft.delete(key) }
            }
        }
    }

    /// The state without what is counted.
    private func reset(hasEvents: Bool) async throws(EngineError) {
        let (expiredEvents, expiredSessions) = (expiredEvents, expiredSessions)
        try await table.write([.behavior(user)], now: scope.now) { [user, now = scope.now] draft throws(EngineError) in
            guard let record = try draft.get(.behavior(user), as: BehaviorRecord.self) else { return }
            var state = BehaviorState(record)
            (state.countedEvents, state.sessions) = (expiredEvents, expiredSessions)
            (state.latestDay, state.openSession) = (nil, nil)
            if hasEvents { state.lastSeenAt = state.firstSeenAt }
            // The first that is kept says when the user was seen first, unless more has been before.
            if hasEvents, expiredEvents == 0 { (state.firstSeenAt, state.lastSeenAt) = (now, Timestamp(milliseconds: 0)) }
            try draft.put(.behavior(user), state.record)
        }
    }

    private func count(_ events: [PreparedEvent]) async throws(EngineError) {
        for start in stride(from: 0, to: events.count, by: Limits.eventsPerJoinStep) {
            try await countPortion(Array(events[start..<min(start + Limits.eventsPerJoinStep, events.count)]))
        }
    }

    private func countPortion(_ events: [PreparedEvent]) async throws(EngineError) {
        let intake = UserIntake(
            user: user, events: events, rules: scope.tenant.intakeRules, now: scope.now, consent: .none, known: nil, followsJoin: false)
        let isCounted: Void? = try await table.writeFinding([.behavior(user)], now: scope.now) { draft throws(IntakeDraft.Interruption) in
            let state = try draft.get(.behavior(intake.user), as: BehaviorRecord.self).map { BehaviorState($0) }
            var run = IntakeRun(intake, state)
            try run.countAnew(in: &draft)
            try run.putCounts(into: &draft)
            return .commit(())
        }
        if isCounted != nil { return }
        guard events.count > 1 else { throw EngineError(.internalError, "An event touches too many items.") }
        try await countPortion(Array(events.prefix(events.count / 2)))
        try await countPortion(Array(events.dropFirst(events.count / 2)))
    }
}
