import FoundationEssentials
import Store
import SwiftProtobuf
import Synchronization

/// One erasure, step by step; each can be done again, so that a crash between two costs nothing but time.
///
/// 1. *requested*: the intent, the ledger's entry and `erasure-requested` in the log, in one commit.
/// 2. *counted*: how many items of which kind there are, for the receipt; joined visitors are in the ledger.
/// 3. *uncounted*: what the user has added to sums over users is taken out of them, and what names the user elsewhere is deleted.
/// 4. *destroyed*: the data keys are gone, in both copies of the vault. From here on no copy of the items opens.
/// 5. *swept*: the items themselves are gone from the store.
/// 6. *completed*: the `erasure` leaf, which is the receipt.
struct ErasureRun: Sendable {
    private let erasures: Erasures
    private let scope: Scope
    /// Whom it is about: the user, then joined visitors. Of one taken up after a crash, those whose keys were still there.
    private let users: [UserID]
    private let action: Erasures.Action
    /// What it is in the register; nil: part of another request, or taken up after a crash.
    private var request: DataRequest?
    private var pending = PendingErasureRecord()
    private var digest: String?
    private var reached: @Sendable (Erasures.Step) async -> Void = { _ in }

    private var table: Table { scope.tenant.table.erasing }

    init(
        erasures: Erasures, scope: Scope, users: [UserID], action: Erasures.Action, request: DataRequest?,
        reached: @escaping @Sendable (Erasures.Step) async -> Void
    ) {
        (self.erasures, self.scope, self.users, self.action, self.reached) = (erasures, scope, users, action, reached)
        self.request = request
    }

    /// Takes up one that was begun.
    init(erasures: Erasures, scope: Scope, users: [UserID], pending: PendingErasureRecord) {
        (self.erasures, self.scope, self.users, self.pending) = (erasures, scope, users, pending)
        action = Erasures.Action(rawValue: pending.action) ?? .erasure
        digest = pending.subject
    }

    // MARK: Steps

    /// The first commit; where the erasure was begun before, it goes on with that one.
    mutating func begin() async throws(EngineError) {
        let subject = try table.subjectDigest(users[0])
        let (key, ledger) = (Keyspace.pendingErasure(digest: subject), Keyspace.erased(digest: subject))
        digest = subject
        if let known = try await table.get(key, as: PendingErasureRecord.self, now: scope.now)?.value {
            pending = known
            return
        }
        let record = try newRecord(subject)
        let entry = try AuditEntry(
            "\(action.rawValue)-requested", id: record.receiptID, subject: subject, by: record.actor, in: scope.tenant.name, at: scope.now)
        let line = request
        try await AuditLog(tenant: scope.tenant, isErasing: true).append(entry, now: scope.now, with: [key, ledger]) {
            draft, _ throws(IntakeDraft.Interruption) in
            guard try draft.version(of: .hold(digest: subject)) == 0 else { throw .failed(Holds.refusal) }
            if let line { try draft.add(line) }
            try draft.put(key, record)
            try draft.put(ledger, record.ledgerEntry)
        }
        pending = record
        await reached(.requested)
    }

    private func newRecord(_ subject: String) throws(EngineError) -> PendingErasureRecord {
        var partitions: [DoomedPartitionRecord] = []
        do throws(StoreError) {
            for user in users {
                let name = PartitionKey(tenant: table.tenant, name: Keyspace.partition(of: user))
                let address = try erasures.vault.address(of: name)
                guard let seal = try erasures.vault.seal(at: address) else { continue }
                partitions.append(DoomedPartitionRecord(address, seal))
            }
        } catch {
            throw EngineError(error)
        }
        let doomed = partitions
        return PendingErasureRecord.with {
            $0.subject = subject
            $0.receiptID = ReceiptPayload.newID()
            $0.requestedAt = scope.now.milliseconds
            $0.actor = scope.principal.actor
            $0.action = action.rawValue
            $0.requestName = request?.id.name ?? ""
            $0.partitions = doomed
        }
    }

    func finish() async throws(EngineError) -> Receipt {
        var run = self
        return try await run.finishSteps()
    }

    private mutating func finishSteps() async throws(EngineError) -> Receipt {
        if pending.step == .requested {
            try await writeLedger()
            try await eraseReleased()
            pending.counts = try await ItemCount.kinds(of: users, in: table, now: scope.now)
            try await advance(to: .counted)
            await reached(.counted)
        }
        if pending.step == .counted {
            try await UserUncount(scope: scope, table: table, keepsSums: pending.action == Erasures.Action.anonymization.rawValue).run(
                of: users)
            try await advance(to: .uncounted)
            await reached(.uncounted)
        }
        for user in users { await erasures.advisor?.forget(user, of: table.tenant) }
        try destroy()
        await reached(.destroyed)
        try await sweep()
        await reached(.swept)
        let index = try await complete()
        for user in users { await erasures.advisor?.forget(user, of: table.tenant) }
        scope.tenant.shutUsers.open(users, erasedAt: Timestamp(milliseconds: pending.requestedAt))
        await reached(.completed)
        return try await erasures.audit.proofs(scope).receipt(id: pending.receiptID, at: index)
    }

    private mutating func advance(to step: PendingErasureRecord.Step) async throws(EngineError) {
        pending.step = step
        let (key, record) = (Keyspace.pendingErasure(digest: pending.subject), pending)
        let counted = step == .uncounted ? try await countedAsJoined() : 0
        try await table.write([key] + (step == .uncounted ? [.joinCounter] : []), now: scope.now) { draft throws(EngineError) in
            try draft.put(key, record)
            // The visitors' partitions go, which the list of users has left out.
            guard counted > 0, var counter = try draft.get(.joinCounter, as: JoinCounterRecord.self) else { return }
            counter.joined -= min(counter.joined, UInt64(counted))
            try draft.put(.joinCounter, counter)
        }
        if counted > 0 { scope.tenant.joinedVisitors.withLock { $0 = max(0, $0 - counted) } }
    }

    /// Of those it is about: a visitor is counted once its past has moved. Nobody moves it any more.
    private func countedAsJoined() async throws(EngineError) -> Int {
        var counted = 0
        for user in users {
            if try await table.get(.identity(user), as: IdentityRecord.self, now: scope.now)?.value.isMoved ?? false { counted += 1 }
        }
        return counted
    }

    /// Visitors come back from no backup, either.
    private func writeLedger() async throws(EngineError) {
        let entry = pending.ledgerEntry
        let keys = try users.dropFirst().map { user throws(EngineError) in Keyspace.erased(digest: try table.subjectDigest(user)) }
        for start in stride(from: 0, to: keys.count, by: StoreLimits.itemsPerTransactionMax) {
            let some = Array(keys[start..<min(start + StoreLimits.itemsPerTransactionMax, keys.count)])
            try await table.write(some, now: scope.now) { draft throws(EngineError) in
                for key in some { try draft.put(key, entry) }
            }
        }
    }

    /// Visitors that were joined and stand for themselves again: what they did before lies in backups under their keys.
    private func eraseReleased() async throws(EngineError) {
        for user in users {
            var released: [UserID] = []
            try await table.forEachItem(in: Keyspace.partition(of: user), prefix: Keyspace.releasedVisitorPrefix, now: scope.now) {
                found throws(EngineError) in
                released.append(try UserID(try ReleasedVisitorRecord(stored: found.item.payload).visitor))
            }
            for visitor in released where !users.contains(visitor) { try await eraseReleased(visitor) }
        }
    }

    /// What was answered a banner stays with a visitor who has left, and makes nobody of it.
    private func holdsMoreThanConsent(_ partition: [UInt8]) async throws(EngineError) -> Bool {
        let name = Keyspace.consentChangePrefix.dropLast()
        guard let first = try await table.firstSort(in: partition, prefix: "", now: scope.now) else { return false }
        if !first.hasPrefix(name) { return true }
        // Ids of changes are hexadecimal.
        return try await !table.page(in: partition, prefix: "", after: "\(name)#~", limit: 1, now: scope.now).isEmpty
    }

    /// Whoever has come to life since is somebody of their own.
    private func eraseReleased(_ visitor: UserID) async throws(EngineError) {
        let shutUsers = scope.tenant.shutUsers
        guard !shutUsers.isShut(visitor), try erasures.partition(of: visitor, in: scope.tenant) != nil else { return }
        shutUsers.shut([visitor])
        do throws(EngineError) {
            let subject = try table.subjectDigest(visitor)
            let (ledger, hold, entry) = (Keyspace.erased(digest: subject), Keyspace.hold(digest: subject), pending.ledgerEntry)
            // In the writer's turn: every write that was let in before is behind it.
            let isHeld = try await table.decide([hold, .identity(visitor)], now: scope.now) { draft in
                .discard(draft.version(of: hold) != 0)
            }
            let partition = Keyspace.partition(of: visitor)
            if isHeld { return shutUsers.open([visitor]) }
            if try await holdsMoreThanConsent(partition) { return shutUsers.open([visitor]) }
            try await table.write([ledger], now: scope.now) { draft throws(EngineError) in try draft.put(ledger, entry) }
            try await erasures.destroy(partition, of: scope.tenant)
            shutUsers.open([visitor], erasedAt: erasures.clock())
        } catch {
            shutUsers.open([visitor])
            throw error
        }
    }

    private func destroy() throws(EngineError) {
        do throws(StoreError) {
            for partition in pending.partitions {
                let address = partition.address(table.tenant)
                // Whoever has come to life there since is somebody else.
                if let seal = try erasures.vault.seal(at: address), partition.isOf(seal) { try erasures.vault.destroy(address) }
            }
        } catch {
            throw EngineError(error)
        }
    }

    private func sweep() async throws(EngineError) {
        do throws(StoreError) {
            for partition in pending.partitions {
                while try await table.engine.sweepDestroyed(partition.address(table.tenant)) > 0 {}
            }
        } catch {
            throw EngineError(error)
        }
    }

    /// The last commit.
    /// - Returns: the index of the receipt's leaf.
    private func complete() async throws(EngineError) -> UInt64 {
        let now = erasures.clock()
        let leaf = try CanonicalJSON.encode(
            ReceiptPayload(
                id: pending.receiptID, tenant: scope.tenant.name.text, action: pending.action, subject: pending.subject,
                requestedAt: Timestamp(milliseconds: pending.requestedAt).rfc3339, completedAt: now.rfc3339,
                counts: Dictionary(pending.counts.map { ($0.kind, $0.count) }) { $1 }))
        let entry = AuditEntry(pending.action, by: pending.actor, at: now, leaf: leaf)
        let (key, receipt) = (Keyspace.pendingErasure(digest: pending.subject), try table.receiptKey(pending.receiptID))
        let (name, receiptID) = (pending.requestName, pending.receiptID)
        return try await AuditLog(tenant: scope.tenant, isErasing: true).append(entry, now: now, with: [key, receipt]) {
            draft, index throws(IntakeDraft.Interruption) in
            if !name.isEmpty { try draft.finish(DataRequestID(storedName: name), receiptID: receiptID, now: now) }
            try draft.delete(key)
            try draft.put(receipt, ReceiptIndexRecord.with { $0.leafIndex = index })
        }
    }
}

extension PendingErasureRecord {
    fileprivate var ledgerEntry: ErasedRecord {
        .with {
            $0.requestedAt = requestedAt
            $0.receiptID = receiptID
        }
    }
}
