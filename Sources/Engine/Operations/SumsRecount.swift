import Store
import SwiftProtobuf

/// Counts a tenant's sums over users anew from the users themselves.
///
/// A backup's sums hold what users have added who were erased since, and whose own records of it no longer open: they cannot be taken
/// back one by one. What anonymized users had added goes with it, for nothing says any more what it was. Only while nobody serves the
/// folder; killed, it is begun again with the restore that it is part of.
struct SumsRecount {
    private let tenant: Tenant
    private let store: LMDBEngine
    private let now: Timestamp
    private var slots: [Place: NavigationSlotRecord] = [:]

    private struct Place: Hashable {
        let kind: NavigationCount.Kind
        let day: Int64
        let slot: UInt64

        var key: Keyspace { .navigation(kind, day: day, slot: slot) }
    }

    init(tenant: Tenant, store: LMDBEngine, now: Timestamp) {
        (self.tenant, self.store, self.now) = (tenant, store, now)
    }

    mutating func run() async throws(EngineError) {
        try await removeSums()
        var joined: UInt64 = 0
        for user in try store.users(of: tenant.number) {
            do throws(EngineError) {
                if try await tenant.table.get(.identity(user), as: IdentityRecord.self, now: now)?.value.isMoved ?? false { joined += 1 }
                try await count(user)
            } catch {
                // A damaged user is the check's to report, and takes nobody else along.
                guard error.code == .damaged else { throw error }
            }
        }
        let count = joined
        try await tenant.table.write([.joinCounter], now: now) { draft throws(EngineError) in
            guard count > 0 || draft.version(of: .joinCounter) != 0 else { return }
            try draft.put(.joinCounter, JoinCounterRecord.with { $0.joined = count })
        }
        try await putSums()
    }

    private func removeSums() async throws(EngineError) {
        while true {
            let partition = Keyspace.partition(.navigation)
            let items = try await tenant.table.page(in: partition, prefix: "", limit: StoreLimits.itemsPerTransactionMax, now: now)
            guard !items.isEmpty else { return }
            let keys = try items.map { item throws(EngineError) in
                guard let key = Keyspace.navigation(sort: String(decoding: item.sort, as: UTF8.self)) else {
                    throw EngineError(.damaged, "A stored record is damaged.")
                }
                return key
            }
            try await tenant.table.write(keys, now: now) { draft in
                for key in keys { draft.delete(key) }
            }
        }
    }

    private mutating func count(_ user: UserID) async throws(EngineError) {
        var sessions: [Session] = []
        try await tenant.table.forEachItem(in: Keyspace.partition(of: user), prefix: "SESSION#", now: now) { item throws(EngineError) in
            sessions.append(Session(try SessionRecord(stored: item.item.payload)))
        }
        let behavior = try await tenant.table.get(.behavior(user), as: BehaviorRecord.self, now: now)
        if let open = behavior.flatMap({ BehaviorState($0.value).openSession }) { sessions.append(open) }
        for session in sessions {
            guard let day = session.path.first?.at.utcDay else { continue }
            for count in NavigationCount.all(of: session) {
                let place = Place(kind: count.kind, day: day, slot: NavigationSums.slot(of: count.pages))
                slots[place, default: NavigationSlotRecord()].add(count, factor: 1)
            }
        }
    }

    private func putSums() async throws(EngineError) {
        let sums = slots.map { (key: $0.key, value: $0.value) }
        let days = Int64(tenant.intakeRules.retentionDays)
        for start in stride(from: 0, to: sums.count, by: StoreLimits.itemsPerTransactionMax) {
            let some = sums[start..<min(start + StoreLimits.itemsPerTransactionMax, sums.count)]
            try await tenant.table.write(some.map(\.key.key), now: now) { draft throws(EngineError) in
                for sum in some { try draft.put(sum.key.key, sum.value, expiresAt: Timestamp(seconds: (sum.key.day + days) * 86_400)) }
            }
        }
    }
}
