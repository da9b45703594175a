import FoundationEssentials
import Store
import SwiftProtobuf

/// What a tenant's proofs are made of and what keeps the erased erased: it outlives a restore into a folder in use.
struct CarriedPrivacy: Sendable {
    private let leaves: [AuditLeafRecord]
    private let proofKey: ProofKeyRecord?
    /// The ledger, by keyed digests.
    private let erased: [(digest: String, record: ErasedRecord)]
    private let suppressions: [(digest: String, record: SuppressionRecord)]
    private let pending: [PendingErasureRecord]
    private let holds: [(digest: String, record: HoldRecord)]
    /// The register.
    private let requests: [DataRequestRecord]
    /// OpenDSR's requests, with by what the open ones name people, and the messages about them.
    private let openDSR: CarriedOpenDSR
    private let consent: CarriedConsent

    init(of tenant: Tenant, in store: LMDBEngine, now: Timestamp) async throws(EngineError) {
        let log = AuditLog(tenant: tenant)
        let size = try await log.frontier(now: now).size
        var leaves: [AuditLeafRecord] = []
        while UInt64(leaves.count) < size {
            leaves += try await log.leaves(from: UInt64(leaves.count), limit: Limits.auditEntriesPerPageMax, now: now)
        }
        self.leaves = leaves
        proofKey = try await tenant.table.get(.proofKey, as: ProofKeyRecord.self, now: now)?.value
        erased = try await Self.entries("ERASED#", of: tenant, now: now)
        suppressions = try await Self.entries("SUPPRESSED#", of: tenant, now: now)
        holds = try await Self.entries(Keyspace.holdPrefix, of: tenant, now: now)
        requests = try await tenant.table.all(
            in: Keyspace.partition(.requests), prefix: Keyspace.dataRequestPrefix, as: DataRequestRecord.self, now: now
        ).map(\.value)
        openDSR = try await CarriedOpenDSR(of: tenant, now: now)
        consent = try await CarriedConsent(of: tenant, in: store, now: now)
        pending = try await tenant.table.all(
            in: Keyspace.partition(.erasures), prefix: "PENDING#", as: PendingErasureRecord.self, now: now
        ).map(\.value)
    }

    private static func entries<Record: Message>(
        _ prefix: String, of tenant: Tenant, now: Timestamp
    ) async throws(EngineError) -> [(digest: String, record: Record)] {
        var entries: [(digest: String, record: Record)] = []
        try await tenant.table.forEachItem(in: Keyspace.partition(.erasures), prefix: prefix, now: now) { item throws(EngineError) in
            let digest = String(decoding: item.sort.dropFirst(prefix.utf8.count), as: UTF8.self)
            entries.append((digest, try Record(stored: item.item.payload)))
        }
        return entries
    }

    /// - Throws: `.conflict` where the backup's log is not the beginning of the present one.
    func apply(to tenant: Tenant, in store: LMDBEngine, now: Timestamp) async throws(EngineError) {
        let log = AuditLog(tenant: tenant)
        let restored = try await log.frontier(now: now)
        try checkBeginning(restored)
        if let proofKey {
            try await tenant.table.write([.proofKey], now: now) { draft throws(EngineError) in try draft.put(.proofKey, proofKey) }
        }
        let later = Array(leaves.dropFirst(Int(restored.size)))
        for start in stride(from: 0, to: later.count, by: Limits.auditEntriesPerRestoreStep) {
            let some = Array(later[start..<min(start + Limits.auditEntriesPerRestoreStep, later.count)])
            try await log.restore(some, now: now)
        }
        let needsRecount = try await needsRecount(later: later, of: tenant, now: now)
        try await put(erased.map { (Keyspace.erased(digest: $0.digest), $0.record) }, into: tenant, now: now)
        try await put(suppressions.map { (Keyspace.suppression(digest: $0.digest), $0.record) }, into: tenant, now: now)
        try await replaceHolds(of: tenant, now: now)
        try await consent.apply(to: tenant, in: store, now: now)
        try await putRequests(into: tenant, now: now)
        try await openDSR.apply(to: tenant, requests: requests, now: now)
        try await replacePending(of: tenant, now: now)
        try await forgetReferences(in: tenant, now: now)
        if needsRecount {
            var recount = SumsRecount(tenant: tenant, store: store, now: now)
            try await recount.run()
        }
    }

    /// Whether the backup's sums hold what somebody has added who is erased, or is on the way to be: an erasure that was under way when it
    /// was made has not been counted out of them, either.
    private func needsRecount(later: [AuditLeafRecord], of tenant: Tenant, now: Timestamp) async throws(EngineError) -> Bool {
        let isErasure = later.contains { record in
            (try? JSONDecoder().decode(ReceiptPayload.self, from: record.leaf))?.action == Erasures.Action.erasure.rawValue
        }
        if isErasure || !pending.isEmpty { return true }
        return try await tenant.table.firstSort(in: Keyspace.partition(.erasures), prefix: "PENDING#", now: now) != nil
    }

    private func checkBeginning(_ restored: MerkleFrontier) throws(EngineError) {
        var own = MerkleFrontier()
        for leaf in leaves.prefix(Int(clamping: restored.size)) { _ = own?.append(MerkleTree.leafHash(Array(leaf.leaf))) }
        guard own == restored else {
            throw EngineError(.conflict, "The log of a tenant in the backup is not the beginning of the present one.")
        }
    }

    private func put(_ items: [(key: Keyspace, record: any Message)], into tenant: Tenant, now: Timestamp) async throws(EngineError) {
        for start in stride(from: 0, to: items.count, by: StoreLimits.itemsPerTransactionMax) {
            let some = Array(items[start..<min(start + StoreLimits.itemsPerTransactionMax, items.count)])
            try await tenant.table.write(some.map(\.key), now: now) { draft throws(EngineError) in
                for item in some { try draft.put(item.key, item.record) }
            }
        }
    }

    /// An erasure that the backup has half done is done by now, or goes on as it stood.
    private func replacePending(of tenant: Tenant, now: Timestamp) async throws(EngineError) {
        let restored = try await tenant.table.all(
            in: Keyspace.partition(.erasures), prefix: "PENDING#", as: PendingErasureRecord.self, now: now)
        let gone = restored.map { Keyspace.pendingErasure(digest: $0.value.subject) }
        for key in gone { try await tenant.table.write([key], now: now) { $0.delete(key) } }
        try await put(pending.map { (Keyspace.pendingErasure(digest: $0.subject), $0) }, into: tenant, now: now)
    }

    /// Those that were lifted since are no more.
    private func replaceHolds(of tenant: Tenant, now: Timestamp) async throws(EngineError) {
        let restored: [(digest: String, record: HoldRecord)] = try await Self.entries(Keyspace.holdPrefix, of: tenant, now: now)
        for entry in restored {
            try await tenant.table.write([.hold(digest: entry.digest)], now: now) { $0.delete(.hold(digest: entry.digest)) }
        }
        try await put(holds.map { (Keyspace.hold(digest: $0.digest), $0.record) }, into: tenant, now: now)
    }

    private func putRequests(into tenant: Tenant, now: Timestamp) async throws(EngineError) {
        for start in stride(from: 0, to: requests.count, by: StoreLimits.itemsPerTransactionMax) {
            var some: [DataRequest] = []
            for record in requests[start..<min(start + StoreLimits.itemsPerTransactionMax, requests.count)] {
                some.append(try DataRequest(record))
            }
            let lines = some
            try await tenant.table.write(lines.map(\.key), now: now) { draft throws(EngineError) in
                for line in lines { try draft.put(line.key, line.record, expiresAt: line.expiresAt) }
            }
        }
    }

    /// What names the erased outside of their own partitions, whose keys are gone.
    private func forgetReferences(in tenant: Tenant, now: Timestamp) async throws(EngineError) {
        let digests = Set(erased.map(\.digest))
        guard !digests.isEmpty else { return }
        func isErased(_ id: String) throws(EngineError) -> Bool {
            guard let user = try? UserID(id), digests.contains(try tenant.table.subjectDigest(user)) else { return false }
            return try tenant.isDead(user)
        }
        var doomed: [Keyspace] = []
        try await tenant.table.forEachItem(in: Keyspace.partition(.behavioralProfiles), prefix: "PROFILE#", now: now) {
            found throws(EngineError) in
            let sort = String(decoding: found.sort, as: UTF8.self).dropFirst("PROFILE#".count)
            guard let id = Int64(sort, radix: 16), try isErased(BehavioralProfileIndexRecord(stored: found.item.payload).userID) else {
                return
            }
            doomed += Keyspace.behavioralProfileIndexes(id)
        }
        try await tenant.table.forEachItem(in: Keyspace.partition(.joins), prefix: "JOIN#", now: now) { found throws(EngineError) in
            let join = try PendingJoinRecord(stored: found.item.payload)
            let isGone = try isErased(join.visitor) ? true : try isErased(join.user)
            if isGone {
                doomed.append(.pendingJoin(digest: String(String(decoding: found.sort, as: UTF8.self).dropFirst("JOIN#".count))))
            }
        }
        for key in doomed { try await tenant.table.write([key], now: now) { $0.delete(key) } }
    }
}

extension AuditLog {
    /// Adds entries that were in the log before, with the receipts among them.
    func restore(_ records: [AuditLeafRecord], now: Timestamp) async throws(EngineError) {
        var receipts: [Int: Keyspace] = [:]
        for (place, record) in records.enumerated() {
            guard let said = try? JSONDecoder().decode(ReceiptPayload.self, from: record.leaf) else { continue }
            receipts[place] = try tenant.table.receiptKey(said.id)
        }
        let found = receipts
        let isDone: Void? = try await tenant.table.writeFinding([.auditHead], now: now) { draft throws(IntakeDraft.Interruption) in
            for (place, record) in records.enumerated() {
                let index = try Self.append(record, to: &draft)
                if let key = found[place] { try draft.put(key, ReceiptIndexRecord.with { $0.leafIndex = index }) }
            }
            return .commit(())
        }
        guard isDone != nil else { throw EngineError(.internalError, "A step of a restore touches too many items.") }
    }
}

extension Tenant {
    /// Whether nothing of a user can be opened.
    fileprivate func isDead(_ user: UserID) throws(EngineError) -> Bool {
        do throws(StoreError) {
            let name = PartitionKey(tenant: number, name: Keyspace.partition(of: user))
            return try table.vault.seal(at: try table.vault.address(of: name)) == nil
        } catch {
            throw EngineError(error)
        }
    }
}
