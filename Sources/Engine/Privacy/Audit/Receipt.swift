package import AttuneCrypto
import FoundationEssentials
import Store
import Synchronization
import Tokens

/// What a receipt says. These bytes are signed, and are the log's leaf.
package struct ReceiptPayload: Codable, Sendable, Equatable {
    package let id: String
    package let tenant: String
    /// "erasure", "anonymization", "tenant-erasure".
    package let action: String
    /// Keyed digest of the user's id.
    package let subject: String
    package let requestedAt: String
    package let completedAt: String
    /// How many items of which kind went.
    package let counts: [String: UInt64]
    /// True where there was nothing to erase, most often because the id was mistyped; absent otherwise.
    package let nothingHeld: Bool?

    init(
        id: String, tenant: String, action: String, subject: String, requestedAt: String, completedAt: String, counts: [String: UInt64]
    ) {
        (self.id, self.tenant, self.action, self.subject) = (id, tenant, action, subject)
        (self.requestedAt, self.completedAt, self.counts) = (requestedAt, completedAt, counts)
        nothingHeld = counts.isEmpty && Erasures.Action(rawValue: action) != nil ? true : nil
    }

    /// What a leaf of the log says; nil where it is no receipt.
    init?(leaf: Data) {
        guard let said = try? JSONDecoder().decode(Self.self, from: leaf) else { return nil }
        self = said
    }

    static func newID() -> String { "rcp_" + Base64URL.encode(SecureRandom.bytes(16)) }
}

/// A document signed by a tenant's proof key (RFC 7515, 7.2.2).
package struct SignedDocument: Codable, Sendable, Equatable {
    package let payload: String
    package let protected: String
    package let signature: String

    init(_ jws: FlattenedJWS) {
        (payload, protected, signature) = (jws.payload, jws.protected, jws.signature)
    }

    var jws: FlattenedJWS { FlattenedJWS(payload: payload, protected: protected, signature: signature) }
}

/// How far a log goes, to be signed.
package struct CheckpointPayload: Codable, Sendable, Equatable {
    /// The tenant's issuer.
    package let origin: String
    package let treeSize: UInt64
    /// Base64.
    package let rootHash: String
    package let at: String
}

/// A receipt with its proof (contract, "Privacy").
package struct Receipt: Codable, Sendable, Equatable {
    package struct Proof: Codable, Sendable, Equatable {
        package let leafIndex: UInt64
        package let treeSize: UInt64
        /// Base64, as the path.
        package let rootHash: String
        package let inclusionPath: [String]
        package let checkpoint: SignedDocument
    }

    package let id: String
    package let payload: String
    package let protected: String
    package let signature: String
    package let log: Proof
    /// As the payload says it, for whoever does not decode that one.
    package let nothingHeld: Bool?

    init(id: String, signed: SignedDocument, log: Proof, nothingHeld: Bool?) {
        (self.id, self.log, self.nothingHeld) = (id, log, nothingHeld)
        (payload, protected, signature) = (signed.payload, signed.protected, signed.signature)
    }

    /// What it says, before anything is checked.
    package var said: ReceiptPayload? {
        Base64URL.decode(payload).flatMap { ReceiptPayload(leaf: Data($0)) }
    }

    /// Whether signature, inclusion and checkpoint hold, under one of the keys.
    /// - Returns: what the receipt says; nil where something does not hold.
    package func verified(by keys: [Ed25519.PublicKey], origin: String?) -> (payload: ReceiptPayload, checkpoint: CheckpointPayload)? {
        func key(_ id: String) -> Ed25519.PublicKey? { keys.first { JSONWebKey($0).keyID == id } }
        let jws = FlattenedJWS(payload: payload, protected: protected, signature: signature)
        guard let leaf = try? jws.verify(publicKey: key), let root = Base64.decode(log.rootHash),
            let checkpoint = log.checkpoint.verifiedCheckpoint(by: keys),
            let said = ReceiptPayload(leaf: Data(leaf)), said.id.hasSameBytes(as: id),
            nothingHeld == nil || nothingHeld == said.nothingHeld,
            checkpoint.treeSize == log.treeSize, checkpoint.rootHash == log.rootHash
        else { return nil }
        if let origin, !checkpoint.origin.hasSameBytes(as: origin) { return nil }
        let path = log.inclusionPath.compactMap { Base64.decode($0) }
        guard path.count == log.inclusionPath.count,
            MerkleTree.isIncluded(MerkleTree.leafHash(leaf), at: log.leafIndex, size: log.treeSize, path: path, root: root)
        else { return nil }
        return (said, checkpoint)
    }
}

extension Tenant {
    /// Whether a receipt is of this tenant's own key, and not of an earlier tenant's of the same name.
    func hasSigned(_ receipt: Receipt) -> Bool {
        guard let key = state.withLock({ $0.proofKey?.publicKey }) else { return false }
        let jws = FlattenedJWS(payload: receipt.payload, protected: receipt.protected, signature: receipt.signature)
        return (try? jws.verify { $0 == JSONWebKey(key).keyID ? key : nil }) != nil
    }
}

extension SignedDocument {
    /// What it says of a log, before anything is checked.
    package var saidCheckpoint: CheckpointPayload? {
        Base64URL.decode(payload).flatMap { try? JSONDecoder().decode(CheckpointPayload.self, from: Data($0)) }
    }

    /// What it says, where it is a checkpoint that one of the keys has signed.
    package func verifiedCheckpoint(by keys: [Ed25519.PublicKey]) -> CheckpointPayload? {
        let bytes = try? jws.verify { id in keys.first { JSONWebKey($0).keyID == id } }
        return bytes.flatMap { try? JSONDecoder().decode(CheckpointPayload.self, from: Data($0)) }
    }
}

/// Base64 with padding (RFC 4648, 4), as hashes stand in proofs.
package enum Base64 {
    package static func encode(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    package static func decode(_ text: String) -> [UInt8]? { Data(base64Encoded: text).map { Array($0) } }
}
