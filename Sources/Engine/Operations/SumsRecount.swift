import Store
import SwiftProtobuf

/// Counts a tenant's sums over users anew from the users themselves.
///
/// A backup's sums hold what users have added who were erased since, and whose own records of it no longer open: they cannot be taken
/// back one by one. Only while nobody serves the folder.
struct SumsRecount: Sendable {
    let tenant: Tenant
    let store: LMDBEngine
    let now: Timestamp

    func run() async throws(EngineError) {
        try await removeSums()
        var joined: UInt64 = 0
        for user in try store.users(of: tenant.number) {
            try await add(user)
            if try await tenant.table.get(.identity(user), as: IdentityRecord.self, now: now)?.value.hasJoinedInto ?? false { joined += 1 }
        }
        let count = joined
        try await tenant.table.write([.joinCounter], now: now) { draft throws(EngineError) in
            guard count > 0 || draft.version(of: .joinCounter) != 0 else { return }
            try draft.put(.joinCounter, JoinCounterRecord.with { $0.joined = count })
        }
    }

    private func removeSums() async throws(EngineError) {
        while true {
            let partition = Keyspace.partition(.navigation)
            let items = try await tenant.table.page(in: partition, prefix: "", limit: StoreLimits.itemsPerTransactionMax, now: now)
            guard !items.isEmpty else { return }
            let keys = try items.map { item throws(EngineError) in try Self.key(of: item) }
            try await tenant.table.write(keys, now: now) { draft in
                for key in keys { draft.delete(key) }
            }
        }
    }

    private static func key(of item: QueriedItem) throws(EngineError) -> Keyspace {
        guard let key = Keyspace.navigation(sort: String(decoding: item.sort, as: UTF8.self)) else {
            throw EngineError(.damaged, "A stored record is damaged.")
        }
        return key
    }

    private func add(_ user: UserID) async throws(EngineError) {
        var sessions: [Session] = []
        try await tenant.table.forEachItem(in: Keyspace.partition(of: user), prefix: "SESSION#", now: now) { item throws(EngineError) in
            sessions.append(Session(try SessionRecord(stored: item.item.payload)))
        }
        let open = try await tenant.table.get(.behavior(user), as: BehaviorRecord.self, now: now).flatMap {
            BehaviorState($0.value).openSession
        }
        for session in sessions + [open].compactMap(\.self) { try await add(session) }
    }

    private func add(_ session: Session) async throws(EngineError) {
        guard let day = session.path.first?.at.utcDay else { return }
        let retentionDays = tenant.intakeRules.retentionDays
        for start in stride(from: 0, to: session.path.count, by: Limits.pagesPerVisitRemovalStep) {
            let pages = start..<min(start + Limits.pagesPerVisitRemovalStep, session.path.count)
            let counts = pages.flatMap { NavigationCount.added(by: $0, of: session) }.map { (day: day, count: $0) }
            let isDone: Void? = try await tenant.table.writeFinding([], now: now) { draft throws(IntakeDraft.Interruption) in
                try NavigationSums.add(counts, to: &draft, retentionDays: retentionDays)
                return .commit(())
            }
            guard isDone != nil else { throw EngineError(.internalError, "A step of a recount touches too many items.") }
        }
    }
}
