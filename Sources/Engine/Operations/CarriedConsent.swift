import Store
import SwiftProtobuf

/// What a restore into a folder in use keeps of what users allow: whatever was decided since the backup, with its history, and
/// restrictions as they stand now. Otherwise whoever has refused since would be recorded again.
struct CarriedConsent: Sendable {
    private struct OfUser: Sendable {
        let user: UserID
        let record: ConsentRecord
        let changes: [Change]
    }

    private struct Change: Sendable {
        let id: String
        let record: ConsentChangeRecord
    }

    private let users: [OfUser]
    /// Everybody of whom something was held: who of them is restricted in the backup alone is restricted no more.
    private let known: Set<UserID>

    init(of tenant: Tenant, in store: LMDBEngine, now: Timestamp) async throws(EngineError) {
        let known = try store.users(of: tenant.number)
        var users: [OfUser] = []
        for user in known {
            guard let record = try await tenant.table.get(.consent(user), as: ConsentRecord.self, now: now)?.value else { continue }
            users.append(OfUser(user: user, record: record, changes: try await Self.changes(of: user, tenant, now: now)))
        }
        self.users = users
        self.known = Set(known)
    }

    private static func changes(of user: UserID, _ tenant: Tenant, now: Timestamp) async throws(EngineError) -> [Change] {
        var changes: [Change] = []
        let prefix = Keyspace.consentChangePrefix
        try await tenant.table.forEachItem(in: Keyspace.partition(of: user), prefix: prefix, now: now) { found throws(EngineError) in
            let id = String(String(decoding: found.sort, as: UTF8.self).dropFirst(prefix.count))
            changes.append(Change(id: id, record: try ConsentChangeRecord(stored: found.item.payload)))
        }
        return changes
    }

    func apply(to tenant: Tenant, in store: LMDBEngine, now: Timestamp) async throws(EngineError) {
        for carried in users { try await apply(carried, to: tenant, now: now) }
        let decided = Set(users.map(\.user))
        for user in try store.users(of: tenant.number) where known.contains(user) && !decided.contains(user) {
            try await lift(user, of: tenant, now: now)
        }
    }

    private func apply(_ carried: OfUser, to tenant: Tenant, now: Timestamp) async throws(EngineError) {
        let user = carried.user
        let restored = try await tenant.table.get(.consent(user), as: ConsentRecord.self, now: now)?.value ?? ConsentRecord()
        let former = try await Self.changes(of: user, tenant, now: now)
        let formerIDs = Set(former.map(\.id))
        let added = carried.changes.filter { !formerIDs.contains($0.id) }
        // The ids are in the order of time: the oldest make room.
        let surplus = max(0, former.count + added.count - Limits.consentChangesPerUserMax)
        let doomed = former.map(\.id).sorted().prefix(surplus).map { Keyspace.consentChange(user, id: $0) }
        let record = restored.keeping(carried.record, changes: former.count + added.count - doomed.count)
        try await Self.inSteps(doomed) { some throws(EngineError) in
            try await tenant.table.write(some, now: now) { draft in for key in some { draft.delete(key) } }
        }
        try await Self.inSteps(added) { some throws(EngineError) in
            try await tenant.table.write(some.map { .consentChange(user, id: $0.id) }, now: now) { draft throws(EngineError) in
                for change in some { try draft.put(.consentChange(user, id: change.id), change.record) }
            }
        }
        guard record != restored else { return }
        try await tenant.table.write([.consent(user), .advice(user), .suggestedAdvice(user)], now: now) { draft throws(EngineError) in
            try draft.put(.consent(user), record)
            // A provider has made it with a consent that may be gone.
            try draft.forgetAdvice(of: user, now: now)
        }
    }

    private func lift(_ user: UserID, of tenant: Tenant, now: Timestamp) async throws(EngineError) {
        guard var record = try await tenant.table.get(.consent(user), as: ConsentRecord.self, now: now)?.value, record.isRestricted
        else { return }
        record.isRestricted = false
        let lifted = record
        try await tenant.table.write([.consent(user)], now: now) { draft throws(EngineError) in
            if lifted.updatedAt == 0 { draft.delete(.consent(user)) } else { try draft.put(.consent(user), lifted) }
        }
    }

    private static func inSteps<Element>(
        _ all: [Element], _ body: ([Element]) async throws(EngineError) -> Void
    ) async throws(EngineError) {
        for start in stride(from: 0, to: all.count, by: StoreLimits.itemsPerTransactionMax) {
            try await body(Array(all[start..<min(start + StoreLimits.itemsPerTransactionMax, all.count)]))
        }
    }
}

extension ConsentRecord {
    /// A restored record with what a present one has later.
    /// - Parameter changes: how many changes are kept beside it.
    fileprivate func keeping(_ present: ConsentRecord, changes: Int) -> ConsentRecord {
        var kept = self
        for decision in present.decisions {
            let former = decisions.first { $0.purpose == decision.purpose }
            guard former.map({ $0.decidedAt < decision.decidedAt || !decision.isGranted && $0.decidedAt == decision.decidedAt }) ?? true
            else {
                continue
            }
            kept.decisions.removeAll { $0.purpose == decision.purpose }
            kept.decisions.append(decision)
        }
        if present.updatedAt > updatedAt {
            (kept.source, kept.updatedAt, kept.isOfVisitor) = (present.source, present.updatedAt, present.isOfVisitor)
        }
        (kept.isRestricted, kept.restrictedAt) = (present.isRestricted, present.restrictedAt)
        kept.keptChanges = UInt32(changes)
        return kept
    }
}
