import AttuneCrypto
import Store
import SwiftProtobuf
import Synchronization

/// What outlives a restore into a folder in use: what was revoked, suspended and rotated, and the numbers of tenants.
struct CarriedState: Sendable {
    private struct OfTenant: Sendable {
        let name: TenantName
        let number: TenantNumber
        let isSuspended: Bool
        /// Keyed digests of revoked tokens, with the end of their life.
        let revocations: [String: Timestamp]
        let keys: [APIKeyRecord]
        let tokenKeys: [SigningKeyRecord]
        let privacy: CarriedPrivacy
        let proofKeys: [[UInt8]]
    }

    private let tenants: [OfTenant]
    private let counter: TenantCounterRecord
    /// Receipts of tenants that are gone and the keys that prove them, by keyed digests.
    private let deleted: [(key: Keyspace, record: DeletedTenantRecord)]
    private let published: [(key: Keyspace, record: PublishedProofKeysRecord)]

    init(of engine: AttuneEngine) async throws(EngineError) {
        let now = engine.clock()
        var tenants: [OfTenant] = []
        for tenant in engine.directory.tenants {
            let tokenKeys = try await tenant.table.all(
                in: Keyspace.partition(.tokens), prefix: "SIGNING#", as: SigningKeyRecord.self, now: now)
            tenants.append(
                OfTenant(
                    name: tenant.name, number: tenant.number, isSuspended: tenant.isSuspended,
                    revocations: tenant.state.withLock { $0.revocations },
                    keys: engine.directory.keys(of: tenant).map(\.record),
                    tokenKeys: tokenKeys.map(\.value), privacy: try await CarriedPrivacy(of: tenant, in: engine.store, now: now),
                    proofKeys: try await engine.directory.proofKeys(of: tenant.name, now: now).map(\.rawRepresentation)))
        }
        self.tenants = tenants
        counter =
            try await engine.directory.installation.get(.tenantCounter, as: TenantCounterRecord.self, now: now)?.value
            ?? TenantCounterRecord()
        deleted = try await Self.entries("DELETED#", in: engine, now: now) { .deletedTenant(digest: $0) }
        published = try await Self.entries("PROOFKEYS#", in: engine, now: now) { .publishedProofKeys(digest: $0) }
    }

    private static func entries<Record: Message>(
        _ prefix: String, in engine: AttuneEngine, now: Timestamp, _ key: (String) -> Keyspace
    ) async throws(EngineError) -> [(key: Keyspace, record: Record)] {
        var entries: [(key: Keyspace, record: Record)] = []
        try await engine.directory.installation.forEachItem(in: Keyspace.partition(.tenants), prefix: prefix, now: now) {
            item throws(EngineError) in
            let digest = String(decoding: item.sort.dropFirst(prefix.utf8.count), as: UTF8.self)
            entries.append((key(digest), try Record(stored: item.item.payload)))
        }
        return entries
    }

    /// What proves that tenants are gone is all there after a restore, too.
    private func putProofs(into installation: Table, now: Timestamp) async throws(EngineError) {
        for (key, record) in deleted {
            try await installation.write([key], now: now) { table throws(EngineError) in try table.put(key, record) }
        }
        for (key, record) in published {
            try await installation.write([key], now: now) { table throws(EngineError) in
                var present = try table.get(key, as: PublishedProofKeysRecord.self) ?? PublishedProofKeysRecord()
                present.publicKeys += record.publicKeys.filter { !present.publicKeys.contains($0) }
                try table.put(key, present)
            }
        }
    }

    /// Names of tenants that another engine does not have.
    func tenants(missingIn engine: AttuneEngine) -> [String] {
        let found = Set(engine.directory.tenants.map(\.number))
        return tenants.filter { !found.contains($0.number) }.map(\.name.text)
    }

    func apply(to engine: AttuneEngine) async throws(EngineError) {
        let now = engine.clock()
        let counter = counter
        try await engine.directory.installation.write([.tenantCounter], now: now) { table throws(EngineError) in
            let restored = try table.get(.tenantCounter, as: TenantCounterRecord.self)?.lastNumber ?? 0
            if counter.lastNumber > restored { try table.put(.tenantCounter, counter) }
        }
        try await putProofs(into: engine.directory.installation, now: now)
        for carried in tenants {
            guard let tenant = engine.directory.tenant(carried.name), tenant.number == carried.number else { continue }
            if carried.isSuspended { try await engine.directory.change(tenant, now: now) { $0.isSuspended = true } }
            try await Self.revoke(carried.revocations, of: tenant, now: now)
            for record in carried.keys {
                guard let key = engine.directory.key(record.id) else {
                    // Made since the backup, perhaps in the place of one that has ended.
                    try await engine.directory.restore(record, to: tenant, now: now)
                    continue
                }
                guard key.tenant === tenant else { continue }
                try await engine.directory.change(key, now: now) { present in
                    if record.hasRevokedAt { present.revokedAt = record.revokedAt }
                    if record.hasExpiresAt { present.expiresAt = record.expiresAt }
                }
            }
            try await carried.privacy.apply(to: tenant, in: engine.store, now: now)
            try await engine.directory.publish(carried.proofKeys, of: tenant.name, now: now)
            try await Self.replaceTokenKeys(of: tenant, with: carried.tokenKeys, now: now)
        }
    }

    private static func revoke(_ revocations: [String: Timestamp], of tenant: Tenant, now: Timestamp) async throws(EngineError) {
        let revocations = revocations.map { (key: Keyspace.revocation(digest: $0.key), expiresAt: $0.value) }
        for start in stride(from: 0, to: revocations.count, by: StoreLimits.itemsPerTransactionMax) {
            let page = Array(revocations[start..<min(start + StoreLimits.itemsPerTransactionMax, revocations.count)])
            try await tenant.table.write(page.map(\.key), now: now) { table throws(EngineError) in
                let record = RevocationRecord.with { $0.revokedAt = now.milliseconds }
                for revocation in page { try table.put(revocation.key, record, expiresAt: revocation.expiresAt) }
            }
        }
    }

    /// A token key that was rotated out since the backup does not come back, and tokens of a newer one go on.
    private static func replaceTokenKeys(
        of tenant: Tenant, with records: [SigningKeyRecord], now: Timestamp
    ) async throws(EngineError) {
        let restored = tenant.state.withLock { $0.signingKeys.map(\.number) }
        let gone = Set(restored).subtracting(records.map(\.number)).map { Keyspace.signingKey(number: $0) }
        let kept = records.map { Keyspace.signingKey(number: $0.number) }
        try await tenant.table.write(gone + kept, now: now) { table throws(EngineError) in
            for key in gone { table.delete(key) }
            for record in records {
                let expiresAt = record.hasVerifiesUntil ? Timestamp(milliseconds: record.verifiesUntil) : nil
                try table.put(.signingKey(number: record.number), record, expiresAt: expiresAt)
            }
        }
    }
}
