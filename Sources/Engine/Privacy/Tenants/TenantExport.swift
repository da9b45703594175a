import Store

/// Everything that a tenant has, as JSON lines, read piece by piece in constant memory: every user's export, the tenant's own items, and
/// at the end the receipt. What breaks off before its receipt is not whole.
///
/// Each line is `{"section","userId"?,"data"}`. A user's lines are those of the user's own export (`format=ndjson`), each id by itself;
/// of the tenant's own items, secrets of ours left out, `data` is `{"PK","SK","entityType","record"}`.
package struct TenantExport: Sendable {
    private enum Reading: Sendable {
        case user(UserExport)
        /// Items of a partition that is nobody's, after a sort key.
        case shared(name: [UInt8], after: String?)
    }

    package let receiptID: String
    let scope: Scope
    let exports: UserExports
    let store: LMDBEngine
    let proofs: Proofs
    let clock: @Sendable () -> Timestamp

    private var isBegun = false
    private var isEnded = false
    private var rest: [PartitionAddress] = []
    private var last: PartitionAddress?
    private var reading: Reading?
    private var counts: [String: UInt64] = ["User": 0]

    init(
        _ scope: Scope, receiptID: String, exports: UserExports, store: LMDBEngine, proofs: Proofs,
        clock: @escaping @Sendable () -> Timestamp
    ) {
        (self.scope, self.receiptID, self.exports, self.store) = (scope, receiptID, exports, store)
        (self.proofs, self.clock) = (proofs, clock)
    }

    /// The next piece; nil at the end.
    /// - Throws: where something cannot be read: what was read is not the whole then.
    package mutating func next() async throws(EngineError) -> [UInt8]? {
        if !isBegun {
            isBegun = true
            return head
        }
        while !isEnded {
            if let piece = try await piece() {
                if !piece.isEmpty { return piece }
                continue
            }
            if try await advance() { continue }
            isEnded = true
            return try await finish()
        }
        return nil
    }

    private var head: [UInt8] {
        Self.line("tenant") { json in
            json.member("exportVersion", 1)
            json.member("tenant", scope.tenant.name.text)
            json.member("generatedAt", scope.now.rfc3339)
            json.member("receiptId", receiptID)
            json.member("retentionDays", scope.tenant.intakeRules.retentionDays)
            json.member(
                "allowedWhereNothingIsRecorded",
                Purpose.allCases.filter { scope.tenant.consentDefaults.contains($0) }.map(\.rawValue))
        }
    }

    /// What comes next of the partition that is being read; nil where it is at its end.
    private mutating func piece() async throws(EngineError) -> [UInt8]? {
        switch reading {
        case nil: return nil
        case .user(var export):
            do throws(EngineError) {
                guard let piece = try await export.next() else {
                    reading = nil
                    counts.merge(export.counts) { $0 + $1 }
                    return nil
                }
                reading = .user(export)
                return piece
            } catch {
                // Somebody who is erased meanwhile is not missing: there is nothing to export any more.
                guard scope.tenant.shutUsers.isErased(export.users[0], since: scope.now) else { throw error }
                reading = nil
                return nil
            }
        case .shared(let name, let after):
            let page = try await scope.tenant.table.page(
                in: name, prefix: "", after: after, limit: Limits.exportItemsPerPage, now: scope.now)
            reading = page.count < Limits.exportItemsPerPage ? nil : .shared(name: name, after: page.last?.sortText)
            var lines: [UInt8] = []
            for found in page {
                guard let line = try ExportLine(partition: name, found) else { continue }
                counts[found.item.entityType, default: 0] += 1
                lines += Array(#"{"section":"item","data":"#.utf8) + line.bytes.dropLast() + Array("}\n".utf8)
            }
            return lines
        }
    }

    /// - Returns: false where there is no further partition.
    private mutating func advance() async throws(EngineError) -> Bool {
        do throws(StoreError) {
            if rest.isEmpty {
                rest = try store.partitions(of: scope.tenant.number, after: last, limit: StoreLimits.itemsPerQueryMax).reversed()
            }
            guard let address = rest.popLast() else { return false }
            last = address
            // What the vault does not know is the rest of an earlier life.
            guard let name = try store.name(of: address) else { return true }
            guard let user = Keyspace.user(ofPartition: name) else {
                reading = .shared(name: name, after: nil)
                return true
            }
            guard let export = try await begin(user) else { return true }
            counts["User", default: 0] += 1
            reading = .user(export)
            return true
        } catch {
            throw EngineError(error)
        }
    }

    private func begin(_ user: UserID) async throws(StoreError) -> UserExport? {
        do throws(EngineError) {
            return try await exports.alone(scope, user)
        } catch {
            if scope.tenant.shutUsers.isErased(user, since: scope.now) { return nil }
            throw StoreError(error.code == .damaged ? .damaged : .busy, "exporting a user")
        }
    }

    private func finish() async throws(EngineError) -> [UInt8] {
        let now = clock()
        let payload = ReceiptPayload(
            id: receiptID, tenant: scope.tenant.name.text, action: "tenant-export", subject: try scope.tenant.subjectDigest,
            requestedAt: scope.now.rfc3339, completedAt: now.rfc3339, counts: counts)
        let index = try await AuditLog(tenant: scope.tenant).append(payload, by: scope.principal.actor, now: now)
        let receipt = try CanonicalJSON.encode(try await proofs.receipt(id: receiptID, at: index))
        return Array(#"{"section":"receipt","data":"#.utf8) + receipt + Array("}\n".utf8)
    }

    private static func line(_ section: String, _ data: (inout JSONText) -> Void) -> [UInt8] {
        var json = JSONText()
        json.object { json in
            json.member("section", section)
            json.key("data")
            json.object(data)
        }
        return json.bytes + [UInt8(ascii: "\n")]
    }
}

extension QueriedItem {
    fileprivate var sortText: String { String(decoding: sort, as: UTF8.self) }
}

/// Exports of whole tenants.
package struct TenantExports: Sendable {
    let exports: UserExports
    let store: LMDBEngine
    let audit: Audit
    let clock: @Sendable () -> Timestamp

    /// Prepares an export of the caller's tenant; what it writes is read while it is written.
    package func export(_ scope: Scope) async throws(EngineError) -> TenantExport {
        try scope.authorize(.manageTenant)
        let id = ReceiptPayload.newID()
        let entry = try AuditEntry(
            "tenant-export-requested", id: id, subject: try scope.tenant.subjectDigest, by: scope.principal.actor, in: scope.tenant.name,
            at: scope.now)
        try await AuditLog(tenant: scope.tenant).append(entry, now: scope.now)
        return TenantExport(scope, receiptID: id, exports: exports, store: store, proofs: audit.proofs(scope), clock: clock)
    }
}
