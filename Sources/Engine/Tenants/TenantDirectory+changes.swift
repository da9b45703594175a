import AttuneCrypto
import FoundationEssentials
import Store
import SwiftProtobuf
import Synchronization

/// Changes of tenants, in the store first and in memory then.
extension TenantDirectory {
    /// Makes a tenant: its vault keys, then its record, then its first token key.
    /// - Throws: `.conflict` where the name is taken.
    func create(
        _ name: TenantName, now: Timestamp, _ fill: @escaping @Sendable (inout TenantRecord) -> Void
    ) async throws(EngineError) -> Tenant {
        guard tenant(name) == nil else { throw EngineError(.conflict, "There is a tenant of that name.") }
        let number = try await takeNumber(now: now)
        do {
            try installation.vault.addTenant(number)
        } catch {
            throw EngineError(error)
        }
        let record = TenantRecord.with {
            $0.name = name.text
            $0.number = number.value
            $0.createdAt = now.milliseconds
            fill(&$0)
        }
        let tenant = Tenant(name: name, table: table(number), record: record)
        try await addTokenKey(to: tenant, signsFrom: now, now: now)
        let key = Keyspace.tenant(name)
        try await installation.write([key], now: now) { table throws(EngineError) in
            guard table.version(of: key) == 0 else { throw EngineError(.conflict, "There is a tenant of that name.") }
            try table.put(key, record)
        }
        insert(tenant)
        publishTokenKeys(of: tenant)
        return tenant
    }

    /// Numbers are never used again, so that what is left of a deleted tenant is nobody's.
    private func takeNumber(now: Timestamp) async throws(EngineError) -> TenantNumber {
        try await installation.write([.tenantCounter], now: now) { table throws(EngineError) in
            var counter = try table.get(.tenantCounter, as: TenantCounterRecord.self) ?? TenantCounterRecord()
            counter.lastNumber += 1
            try table.put(.tenantCounter, counter)
            return TenantNumber(counter.lastNumber)
        }
    }

    func change(
        _ tenant: Tenant, now: Timestamp, _ body: @escaping @Sendable (inout TenantRecord) -> Void
    ) async throws(EngineError) {
        let key = Keyspace.tenant(tenant.name)
        let record = try await installation.write([key], now: now) { table throws(EngineError) in
            guard var record = try table.get(key, as: TenantRecord.self) else {
                throw EngineError(.notFound, "There is no tenant of that name.")
            }
            body(&record)
            try table.put(key, record)
            return record
        }
        tenant.state.withLock { $0.record = record }
    }

    /// Destroys a tenant's keys; nothing that it had can be opened from here on.
    func delete(_ tenant: Tenant, now: Timestamp) async throws(EngineError) {
        remove(tenant)
        do {
            try installation.vault.destroyTenant(tenant.number)
        } catch {
            throw EngineError(error)
        }
        let key = Keyspace.tenant(tenant.name)
        try await installation.write([key], now: now) { table in table.delete(key) }
    }

    /// Gives a tenant a new token key. The one before goes on verifying until every token that it signed has ended.
    func addTokenKey(to tenant: Tenant, signsFrom: Timestamp, now: Timestamp) async throws(EngineError) {
        guard let key = try? Ed25519.PrivateKey.generate() else { throw EngineError(.internalError, "A key could not be made.") }
        let keys = tenant.state.withLock { $0.signingKeys }
        let number = (keys.map(\.number).max() ?? 0) + 1
        let privateKey: Data
        do {
            privateKey = try key.withRawRepresentation { bytes in bytes.withUnsafeBytes { Data($0) } }
        } catch {
            throw EngineError(.internalError, "A key could not be made.")
        }
        let record = SigningKeyRecord.with {
            $0.number = number
            $0.privateKey = privateKey
            $0.createdAt = now.milliseconds
            $0.signsFrom = signsFrom.milliseconds
        }
        let verifiesUntil = signsFrom.adding(seconds: Int64(Limits.tokenLifeSecondsMax + Limits.clockSkewSecondsMax))
        let former = keys.filter { $0.verifiesUntil == nil }.map { Keyspace.signingKey(number: $0.number) }
        let added = Keyspace.signingKey(number: number)
        try await tenant.table.write(former + [added], now: now) { table throws(EngineError) in
            for key in former {
                guard var record = try table.get(key, as: SigningKeyRecord.self) else { continue }
                record.verifiesUntil = verifiesUntil.milliseconds
                try table.put(key, record, expiresAt: verifiesUntil)
            }
            try table.put(added, record)
        }
        let signingKey = try SigningKey(record)
        tenant.state.withLock { state in
            for index in state.signingKeys.indices where state.signingKeys[index].verifiesUntil == nil {
                state.signingKeys[index].verifiesUntil = verifiesUntil
            }
            state.signingKeys.append(signingKey)
        }
        publishTokenKeys(of: tenant)
    }
}
