import AttuneCrypto
import FoundationEssentials
import Store
import Synchronization
import Tokens

/// A tenant's log and receipts, for whoever may see them.
package struct Audit: Sendable {
    let directory: TenantDirectory
    let verification: TokenVerification

    /// An entry of the log.
    package struct Entry: Codable, Sendable {
        package let index: UInt64
        package let at: String
        package let action: String
        package let actor: String
        /// Base64 of the bytes that are hashed.
        package let leaf: String

        private struct Leaf: Decodable {
            let id: String?
            let object: String?
            let completedAt: String?
        }

        private var read: Leaf? { Base64.decode(leaf).flatMap { try? JSONDecoder().decode(Leaf.self, from: Data($0)) } }

        /// Of the receipt that the entry is; nil where it is none.
        package var receiptID: String? { read.flatMap { $0.completedAt == nil ? nil : $0.id } }
        /// What it was done to, where that may be said.
        package var object: String? { read?.object }
    }

    package struct Page: Codable, Sendable {
        package let items: [Entry]
        package let nextCursor: String?
        package let checkpoint: SignedDocument
    }

    package struct Consistency: Codable, Sendable {
        package let first: UInt64
        package let second: UInt64
        /// Base64.
        package let path: [String]
    }

    func proofs(_ scope: Scope) -> Proofs {
        Proofs(tenant: scope.tenant, origin: verification.issuer(of: scope.tenant.name), now: scope.now)
    }

    /// Entries in their order.
    /// - Parameter cursor: as the page before gave it: an index.
    package func page(_ scope: Scope, limit: Int, cursor: String?) async throws(EngineError) -> Page {
        try scope.authorize(.readAudit)
        guard (1...Limits.auditEntriesPerPageMax).contains(limit) else {
            throw .invalid("/limit", "must be 1 to \(Limits.auditEntriesPerPageMax)")
        }
        let start = try cursor.map { text throws(EngineError) in try Self.index(text, "/cursor") } ?? 0
        let log = AuditLog(tenant: scope.tenant)
        // The checkpoint covers every entry that the page shows.
        let leaves = try await log.leaves(from: start, limit: limit, now: scope.now)
        let checkpoint = try await proofs(scope).checkpoint()
        let items = zip(start..., leaves).map { index, leaf in
            Entry(
                index: index, at: Timestamp(milliseconds: leaf.at).rfc3339, action: leaf.action, actor: leaf.actor,
                leaf: Base64.encode(Array(leaf.leaf)))
        }
        return Page(items: items, nextCursor: leaves.count == limit ? String(start + UInt64(limit)) : nil, checkpoint: checkpoint)
    }

    /// How many entries the log has.
    package func size(_ scope: Scope) async throws(EngineError) -> UInt64 {
        try scope.authorize(.readAudit)
        return try await AuditLog(tenant: scope.tenant).frontier(now: scope.now).size
    }

    /// Proves that the log of `first` entries is the beginning of the log of `second`.
    package func consistency(_ scope: Scope, first: String?, second: String?) async throws(EngineError) -> Consistency {
        try scope.authorize(.readAudit)
        guard let first, let second else { throw .invalid(first == nil ? "/first" : "/second", "is missing") }
        let (old, new) = (try Self.index(first, "/first"), try Self.index(second, "/second"))
        let log = AuditLog(tenant: scope.tenant)
        guard new <= (try await log.frontier(now: scope.now)).size else { throw .invalid("/second", "is larger than the log") }
        guard old <= new else { throw .invalid("/first", "must not be larger than second") }
        let path = MerkleTree.consistencyPath(from: old, to: new)
        let hashes = path.isEmpty ? [] : try await log.hashes(of: path, now: scope.now)
        return Consistency(first: old, second: new, path: hashes.map(Base64.encode))
    }

    private static func index(_ text: String, _ pointer: String) throws(EngineError) -> UInt64 {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let index = UInt64(text), index < 1 << 48 else {
            throw .invalid(pointer, "must be a number of entries")
        }
        return index
    }

    /// - Throws: `.notFound`; also for a user token that asks for another user's receipt.
    package func receipt(_ scope: Scope, id: String) async throws(EngineError) -> Receipt {
        try scope.authorize(.readReceipts)
        let missing = EngineError(.notFound, "There is no receipt of that id.")
        guard let receipt = try await proofs(scope).receipt(id: id) else { throw missing }
        if case .user(let own, _) = scope.principal.kind {
            guard let said = receipt.said, said.subject.hasSameBytes(as: try scope.tenant.table.subjectDigest(own)) else { throw missing }
        }
        return receipt
    }

    /// Whether a receipt is one of the tenant's: signature, inclusion and checkpoint hold, and the present log goes on from there.
    package func isValid(_ scope: Scope, _ receipt: Receipt) async throws(EngineError) -> Bool {
        try scope.authorize(.readReceipts)
        let keys = try await directory.proofKeys(of: scope.tenant.name, now: scope.now)
        guard let verified = receipt.verified(by: keys, origin: nil),
            verified.payload.tenant.hasSameBytes(as: scope.tenant.name.text)
        else { return false }
        return try await proofs(scope).contains(verified.checkpoint)
    }
}

extension Proofs {
    /// Whether the log has been where a checkpoint says that it was.
    func contains(_ checkpoint: CheckpointPayload) async throws(EngineError) -> Bool {
        let log = AuditLog(tenant: tenant)
        guard checkpoint.treeSize <= (try await log.frontier(now: now)).size else { return false }
        return Base64.encode(try await log.root(atSize: checkpoint.treeSize, now: now)) == checkpoint.rootHash
    }
}
