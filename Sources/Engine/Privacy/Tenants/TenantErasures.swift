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

    /// Deletes the caller's tenant; when it returns, nothing that it had can be opened.
    /// - Parameter reached: is told of each step when it stands on disk.
    /// - Throws: `.conflict` while it is being deleted; what the store or the vault ends in, and then the tenant is there as before, and
    ///   is gone with the next call or start.
    package func erase(
        _ scope: Scope, reached: @escaping @Sendable (Step) async -> Void = { _ in }
    ) async throws(EngineError) -> Receipt {
        try scope.authorize(.manageTenant)
        let shut = try directory.shut(scope.tenant)
        do throws(EngineError) {
            try await request(scope)
            await reached(.requested)
            return try await finish(scope, reached)
        } catch {
            directory.open(shut)
            throw error
        }
    }

    /// Finishes what a crash has left. A tenant that cannot be deleted now stays refused until the next start.
    func resume(_ scope: Scope) async {
        guard scope.tenant.erasure != nil, (try? directory.shut(scope.tenant)) != nil else { return }
        do throws(EngineError) {
            _ = try await finish(scope) { _ in }
        } catch {
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
        _ scope: Scope, _ reached: @escaping @Sendable (Step) async -> Void
    ) async throws(EngineError) -> Receipt {
        let tenant = scope.tenant
        guard let erasure = tenant.erasure else { throw EngineError(.internalError, "Nobody has asked for the tenant's deletion.") }
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
        await reached(.proved)
        try await keep(receipt, of: tenant)
        await reached(.kept)
        try await directory.destroy(tenant, now: clock())
        await reached(.destroyed)
        return receipt
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
