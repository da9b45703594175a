import FoundationEssentials
import Logging
import Store
import SwiftProtobuf
import Synchronization

/// A tenant that is gone, with the receipt that it was given.
package struct DeletedTenant: Codable, Sendable {
    package let tenant: String
    package let deletedAt: String
    package let receipt: Receipt
}

/// Deletes tenants whole.
///
/// 1. *requested*: the intent stands in the tenant's record and in its log; whoever opens the folder from here on finishes it.
/// 2. The tenant's credentials are refused.
/// 3. What there is is counted, and the receipt is the last entry of the log.
/// 4. The receipt is kept by the installation, as the public proof keys are: it outlives the tenant.
/// 5. The tenant's keys are destroyed: no copy of anything that it had opens, wherever it lies.
package struct TenantErasures: Sendable {
    private static let logger = Logger(label: "attune.privacy")

    /// Points at which a deletion stands on disk.
    package enum Step: String, Sendable, CaseIterable {
        case requested, proved, kept, destroyed
    }

    let directory: TenantDirectory
    let store: LMDBEngine
    let audit: Audit
    let clock: @Sendable () -> Timestamp
    private let unfinished = UnfinishedDeletions()

    init(directory: TenantDirectory, store: LMDBEngine, audit: Audit, clock: @escaping @Sendable () -> Timestamp) {
        (self.directory, self.store, self.audit, self.clock) = (directory, store, audit, clock)
    }

    /// Deletes the caller's tenant; when it returns, nothing that it had can be opened.
    /// - Parameters:
    ///   - despiteHolds: whether it is deleted though users of it are under a legal hold.
    ///   - reached: is told of each step when it stands on disk.
    /// - Throws: `.conflict` while it is being deleted, or a user of it is under a legal hold; what the store or the vault ends in: the
    ///   tenant is there as before then, or, where its receipt was written, is refused until the deletion is done, which upkeep and the
    ///   next start go on with.
    package func erase(
        _ scope: Scope, despiteHolds: Bool = false, reached: @escaping @Sendable (Step) async throws(EngineError) -> Void = { _ in }
    ) async throws(EngineError) -> Receipt {
        try scope.authorize(.manageTenant)
        let shut = try directory.shut(scope.tenant)
        do throws(EngineError) {
            if !despiteHolds { try await checkHolds(scope) }
            try await request(scope)
            try await reached(.requested)
            return try await finish(scope, reached)
        } catch {
            if await isWithdrawn(scope) { directory.open(shut) } else { unfinished.add(scope) }
            throw error
        }
    }

    private func checkHolds(_ scope: Scope) async throws(EngineError) {
        let holds = try await scope.tenant.table.page(
            in: Keyspace.partition(.erasures), prefix: Keyspace.holdPrefix, limit: 1, now: scope.now)
        guard holds.isEmpty else {
            throw EngineError(.conflict, "Users of this tenant are under a legal hold: it is not deleted until they are lifted.")
        }
    }

    /// Whether nothing stands on disk of a deletion that has failed: its intent is dropped, so that no later start deletes a tenant that
    /// is served. One whose receipt is written, or of which that cannot be said, is not withdrawn any more.
    private func isWithdrawn(_ scope: Scope) async -> Bool {
        guard let erasure = scope.tenant.erasure else { return true }
        do throws(EngineError) {
            guard try await audit.proofs(scope).receipt(id: erasure.receiptID) == nil else { return false }
            try await directory.change(scope.tenant, now: clock()) { $0.clearErasure() }
            return true
        } catch {
            return false
        }
    }

    /// Goes on with deletions that have failed halfway.
    func resumeUnfinished() async {
        for name in unfinished.names {
            do throws(EngineError) {
                _ = try await finishUnfinished(name)
            } catch {
                Self.logger.warning("a tenant could not be deleted", metadata: ["error": "\(error.code)"])
            }
        }
    }

    /// Goes on with a deletion that has failed halfway.
    /// - Returns: nil where there is none of that name.
    func finishUnfinished(_ name: TenantName) async throws(EngineError) -> Receipt? {
        guard let scope = unfinished.take(name) else { return nil }
        do throws(EngineError) {
            return try await finish(Scope(principal: scope.principal, tenant: scope.tenant, now: clock())) { _ in }
        } catch {
            unfinished.add(scope)
            throw error
        }
    }

    /// Finishes what a crash has left. A tenant that cannot be deleted now stays refused until it is.
    func resume(_ scope: Scope) async {
        guard scope.tenant.erasure != nil, (try? directory.shut(scope.tenant)) != nil else { return }
        do throws(EngineError) {
            _ = try await finish(scope) { _ in }
        } catch {
            unfinished.add(scope)
            Self.logger.warning("a tenant could not be deleted", metadata: ["error": "\(error.code)"])
        }
    }

    private func request(_ scope: Scope) async throws(EngineError) {
        guard scope.tenant.erasure == nil else { return }
        let record = TenantErasureRecord.with {
            $0.receiptID = ReceiptPayload.newID()
            $0.requestedAt = scope.now.milliseconds
            $0.actor = scope.principal.actor
        }
        let entry = try AuditEntry(
            "tenant-erasure-requested", id: record.receiptID, subject: try scope.tenant.subjectDigest, by: record.actor,
            in: scope.tenant.name, at: scope.now)
        try await AuditLog(tenant: scope.tenant, isErasing: true).append(entry, now: scope.now)
        try await directory.change(scope.tenant, now: scope.now) { $0.erasure = record }
    }

    private func finish(
        _ scope: Scope, _ reached: @escaping @Sendable (Step) async throws(EngineError) -> Void
    ) async throws(EngineError) -> Receipt {
        let tenant = scope.tenant
        guard let erasure = tenant.erasure else { throw EngineError(.internalError, "Nobody has asked for the tenant's deletion.") }
        if !directory.installation.vault.hasTenant(tenant.number), let kept = try await keptReceipt(erasure.receiptID) {
            try await directory.destroy(tenant, now: clock())
            return kept
        }
        let proofs = audit.proofs(scope)
        let receipt: Receipt
        // Killed after its receipt was written, it has that one.
        if let written = try await proofs.receipt(id: erasure.receiptID) {
            receipt = written
        } else {
            let log = AuditLog(tenant: tenant, isErasing: true)
            let index = try await log.append(
                ReceiptPayload(
                    id: erasure.receiptID, tenant: tenant.name.text, action: "tenant-erasure", subject: try tenant.subjectDigest,
                    requestedAt: Timestamp(milliseconds: erasure.requestedAt).rfc3339, completedAt: clock().rfc3339,
                    counts: try TenantContents(of: tenant, in: store).counts),
                by: erasure.actor, now: clock())
            receipt = try await proofs.receipt(id: erasure.receiptID, at: index)
        }
        try await reached(.proved)
        try await keep(receipt, of: tenant)
        try await reached(.kept)
        try await directory.destroy(tenant, now: clock())
        try await reached(.destroyed)
        return receipt
    }

    private func keptReceipt(_ id: String) async throws(EngineError) -> Receipt? {
        let key = try directory.installation.deletedTenantKey(id)
        let record = try await directory.installation.get(key, as: DeletedTenantRecord.self, now: clock())
        return record.flatMap { try? JSONDecoder().decode(Receipt.self, from: $0.value.receipt) }
    }

    private func keep(_ receipt: Receipt, of tenant: Tenant) async throws(EngineError) {
        let (key, now) = (try directory.installation.deletedTenantKey(receipt.id), clock())
        let json = try CanonicalJSON.encode(receipt)
        let record = DeletedTenantRecord.with {
            $0.tenant = tenant.name.text
            $0.deletedAt = now.milliseconds
            $0.receipt = Data(json)
        }
        try await directory.installation.write([key], now: now) { table throws(EngineError) in try table.put(key, record) }
    }

    /// Every tenant of this installation that was deleted, the latest last.
    func deleted(now: Timestamp) async throws(EngineError) -> [DeletedTenant] {
        let records = try await directory.installation.all(
            in: Keyspace.partition(.tenants), prefix: "DELETED#", as: DeletedTenantRecord.self, now: now)
        return records.map(\.value).sorted { $0.deletedAt < $1.deletedAt }.compactMap { record in
            (try? JSONDecoder().decode(Receipt.self, from: record.receipt)).map {
                DeletedTenant(tenant: record.tenant, deletedAt: Timestamp(milliseconds: record.deletedAt).rfc3339, receipt: $0)
            }
        }
    }
}

/// Deletions that have failed after their receipt was written: of tenants that are refused, and are gone as soon as it can be done.
private final class UnfinishedDeletions: Sendable {
    private let scopes = Mutex<[TenantName: Scope]>([:])

    var names: [TenantName] { scopes.withLock { Array($0.keys) } }

    func add(_ scope: Scope) { scopes.withLock { $0[scope.tenant.name] = scope } }

    func take(_ name: TenantName) -> Scope? { scopes.withLock { $0.removeValue(forKey: name) } }
}

extension Table {
    fileprivate func deletedTenantKey(_ receiptID: String) throws(EngineError) -> Keyspace {
        .deletedTenant(digest: try digest([Array("deleted-tenant".utf8), Array(receiptID.utf8)]))
    }
}

extension Tenant {
    fileprivate var erasure: TenantErasureRecord? {
        state.withLock { $0.record.value.hasErasure ? $0.record.value.erasure : nil }
    }

    /// How receipts about the tenant itself name it.
    var subjectDigest: String {
        get throws(EngineError) { try table.digest([Array("tenant-subject".utf8), Array(name.text.utf8)]) }
    }
}

extension AuditLog {
    /// Adds a receipt's entry, by which it is found again.
    /// - Returns: the entry's index.
    func append(_ receipt: ReceiptPayload, by actor: String, now: Timestamp) async throws(EngineError) -> UInt64 {
        let key = try tenant.table.receiptKey(receipt.id)
        let entry = AuditEntry(receipt.action, by: actor, at: now, leaf: try CanonicalJSON.encode(receipt))
        return try await append(entry, now: now, with: [key]) { draft, index throws(IntakeDraft.Interruption) in
            try draft.put(key, ReceiptIndexRecord.with { $0.leafIndex = index })
        }
    }
}
