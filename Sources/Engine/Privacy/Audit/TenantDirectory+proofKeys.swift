import AttuneCrypto
import FoundationEssentials
import Store
import SwiftProtobuf
import Synchronization
import Tokens

/// Keys that sign tenants' proofs. Public ones are kept by the installation, since proofs outlive their tenant.
extension TenantDirectory {
    private func published(_ name: TenantName) throws(EngineError) -> Keyspace {
        .publishedProofKeys(digest: try installation.digest([Array("proof-keys".utf8), Array(name.text.utf8)]))
    }

    /// Loads a tenant's proof key, or makes it.
    func loadProofKey(of tenant: Tenant, now: Timestamp) async throws(EngineError) {
        if let item = try await tenant.table.items([.proofKey], now: now)[0] {
            let key = try item.secretRecord(as: ProofKeyRecord.self, \.privateKey) { _, secret throws(EngineError) in
                guard let key = try? Ed25519.PrivateKey(rawRepresentation: secret) else {
                    throw EngineError(.damaged, "A stored proof key cannot be read.")
                }
                return key
            }
            return tenant.state.withLock { $0.proofKey = key }
        }
        guard let key = try? Ed25519.PrivateKey.generate(),
            let secret = try? key.withRawRepresentation({ bytes in Data(secret: bytes) })
        else { throw EngineError(.internalError, "A key could not be made.") }
        // Published before it signs.
        try await publish([key.publicKey.rawRepresentation], of: tenant.name, now: now)
        let payloads = SecretPayloads()
        try await tenant.table.write([.proofKey], now: now) { table throws(EngineError) in
            let record = ProofKeyRecord.with {
                $0.privateKey = secret
                $0.createdAt = now.milliseconds
            }
            try payloads.put(.proofKey, record, in: &table)
        }
        payloads.wipe()
        tenant.state.withLock { $0.proofKey = key }
    }

    func publish(_ keys: [[UInt8]], of name: TenantName, now: Timestamp) async throws(EngineError) {
        let item = try published(name)
        try await installation.write([item], now: now) { table throws(EngineError) in
            var record = try table.get(item, as: PublishedProofKeysRecord.self) ?? PublishedProofKeysRecord()
            for key in keys.map({ Data($0) }) where !record.publicKeys.contains(key) { record.publicKeys.append(key) }
            try table.put(item, record)
        }
    }

    /// Every proof key that tenants of the name have ever had, the oldest first.
    func proofKeys(of name: TenantName, now: Timestamp) async throws(EngineError) -> [Ed25519.PublicKey] {
        let record = try await installation.get(try published(name), as: PublishedProofKeysRecord.self, now: now)
        return record?.value.publicKeys.compactMap { try? Ed25519.PublicKey(rawRepresentation: Array($0)) } ?? []
    }
}
