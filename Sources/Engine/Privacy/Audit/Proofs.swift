import AttuneCrypto
import FoundationEssentials
import Store
import Synchronization
import Tokens

/// Receipts and checkpoints of a tenant's log, signed by its proof key.
struct Proofs: Sendable {
    let tenant: Tenant
    /// The tenant's issuer.
    let origin: String
    let now: Timestamp

    private var log: AuditLog { AuditLog(tenant: tenant) }

    private func sign(_ bytes: [UInt8]) throws(EngineError) -> SignedDocument {
        guard let key = tenant.state.withLock({ $0.proofKey }), let signed = try? FlattenedJWS.sign(bytes, with: key) else {
            throw EngineError(.internalError, "A proof could not be signed.")
        }
        return SignedDocument(signed)
    }

    func checkpoint() async throws(EngineError) -> SignedDocument {
        try checkpoint(of: try await log.frontier(now: now))
    }

    private func checkpoint(of frontier: MerkleFrontier) throws(EngineError) -> SignedDocument {
        let payload = CheckpointPayload(
            origin: origin, treeSize: frontier.size, rootHash: Base64.encode(frontier.root), at: now.rfc3339)
        return try sign(try CanonicalJSON.encode(payload))
    }

    /// The receipt at an index of the log, as it is proved now.
    func receipt(id: String, at index: UInt64) async throws(EngineError) -> Receipt {
        let frontier = try await log.frontier(now: now)
        guard let leaf = try await log.leaf(index, now: now), index < frontier.size else { throw AuditLog.damaged }
        let path = try await log.hashes(of: MerkleTree.inclusionPath(of: index, size: frontier.size), now: now)
        let signed = try sign(Array(leaf.leaf))
        let proof = Receipt.Proof(
            leafIndex: index, treeSize: frontier.size, rootHash: Base64.encode(frontier.root),
            inclusionPath: path.map(Base64.encode), checkpoint: try checkpoint(of: frontier))
        return Receipt(id: id, signed: signed, log: proof, nothingHeld: ReceiptPayload(leaf: leaf.leaf)?.nothingHeld)
    }

    /// The receipt of that id; nil where there is none.
    func receipt(id: String) async throws(EngineError) -> Receipt? {
        let key = try tenant.table.receiptKey(id)
        guard let found = try await tenant.table.get(key, as: ReceiptIndexRecord.self, now: now)?.value else { return nil }
        return try await receipt(id: id, at: found.leafIndex)
    }
}

extension Table {
    func receiptKey(_ id: String) throws(EngineError) -> Keyspace { .receipt(digest: try digest([Array("receipt".utf8), Array(id.utf8)])) }

    /// How log, ledger and receipts name a user.
    func subjectDigest(_ user: UserID) throws(EngineError) -> String { try digest([Array("subject".utf8), user.bytes]) }
}
