import AttuneCrypto
import FoundationEssentials
import Store
import SwiftProtobuf
import Synchronization

/// Changes of tenants, in the store first and in memory then.
extension TenantDirectory {
    /// Makes a tenant: its vault keys, then its first token key, then its record, with which it is there.
    /// - Throws: `.conflict` where the name is taken.
    func create(
        _ name: TenantName, now: Timestamp, _ fill: @escaping @Sendable (inout TenantRecord) -> Void
    ) async throws(EngineError) -> Tenant {
        guard tenant(name) == nil else { throw Self.nameIsTaken }
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
        let tenant = Tenant(name: name, table: table(number), record: Versioned(record, version: 0))
        do throws(EngineError) {
            try await addTokenKey(to: tenant, signsFrom: now, now: now)
            try await loadProofKey(of: tenant, now: now)
            try await tenant.note("tenant-created", by: Principal.consoleActor, now: now)
            try await commit(record, of: tenant, now: now)
        } catch {
            remove(tenant)
            try? installation.vault.destroyTenant(number)
            throw error
        }
        insert(tenant)
        return tenant
    }

    private static var nameIsTaken: EngineError { EngineError(.conflict, "There is a tenant of that name.") }

    private func commit(_ record: TenantRecord, of tenant: Tenant, now: Timestamp) async throws(EngineError) {
        let key = try item(of: tenant.name)
        let vault = installation.vault
        let version = try await installation.write([key], now: now) { table throws(EngineError) in
            // A record whose keys are gone is what a crash has left of a deletion.
            if let present = try table.get(key, as: TenantRecord.self), vault.hasTenant(TenantNumber(present.number)) {
                throw Self.nameIsTaken
            }
            try table.put(key, record)
            return table.version
        }
        tenant.state.withLock { $0.record = Versioned(record, version: version) }
    }

    /// Numbers are never used again, so that what is left of a deleted tenant is nobody's.
    private func takeNumber(now: Timestamp) async throws(EngineError) -> TenantNumber {
        let lastKnown = installation.vault.tenantNumbers.max()?.value ?? 0
        return try await installation.write([.tenantCounter], now: now) { table throws(EngineError) in
            var counter = try table.get(.tenantCounter, as: TenantCounterRecord.self) ?? TenantCounterRecord()
            counter.lastNumber = max(counter.lastNumber, lastKnown) + 1
            try table.put(.tenantCounter, counter)
            return TenantNumber(counter.lastNumber)
        }
    }

    func change(
        _ tenant: Tenant, now: Timestamp, _ body: @escaping @Sendable (inout TenantRecord) -> Void
    ) async throws(EngineError) {
        let key = try item(of: tenant.name)
        let record = try await installation.write([key], now: now) { table throws(EngineError) in
            guard var record = try table.get(key, as: TenantRecord.self), record.number == tenant.number.value else {
                throw EngineError(.notFound, "There is no tenant of that name.")
            }
            body(&record)
            try table.put(key, record)
            return Versioned(record, version: table.version)
        }
        tenant.state.withLock { state in
            // A slower caller with an older version must not undo a suspension.
            if record.version > state.record.version { state.record = record }
        }
    }

    /// Refuses a tenant's credentials from here on, until it is opened again.
    /// - Throws: `.conflict` where it is shut already.
    func shut(_ tenant: Tenant) throws(EngineError) -> ShutTenant {
        let keys = keys(of: tenant)
        guard remove(tenant) else { throw EngineError(.conflict, "The tenant is being deleted already.") }
        let tokenKeys = tenant.state.withLock { state in
            defer { state.signingKeys = [] }
            return state.signingKeys
        }
        return ShutTenant(tenant: tenant, keys: keys, tokenKeys: tokenKeys)
    }

    func open(_ shut: ShutTenant) {
        insert(shut.tenant)
        for key in shut.keys { insert(key) }
        shut.tenant.state.withLock { $0.signingKeys = shut.tokenKeys }
        publishTokenKeys(of: shut.tenant)
    }

    /// Destroys a tenant's keys; nothing that it had can be opened from here on.
    func destroy(_ tenant: Tenant, now: Timestamp) async throws(EngineError) {
        do {
            try installation.vault.destroyTenant(tenant.number)
        } catch {
            throw EngineError(error)
        }
        let key = try item(of: tenant.name)
        try await installation.write([key], now: now) { table throws(EngineError) in
            // Another tenant may have the name by now.
            if try table.get(key, as: TenantRecord.self)?.number == tenant.number.value { table.delete(key) }
        }
    }

    /// Gives a tenant a new token key. The one before goes on verifying until every token that it signed has ended.
    func addTokenKey(to tenant: Tenant, signsFrom: Timestamp, now: Timestamp) async throws(EngineError) {
        guard let key = try? Ed25519.PrivateKey.generate() else { throw EngineError(.internalError, "A key could not be made.") }
        let keys = tenant.state.withLock { $0.signingKeys }
        let number = (keys.map(\.number).max() ?? 0) + 1
        let privateKey: Data
        do {
            privateKey = try key.withRawRepresentation { bytes in Data(secret: bytes) }
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
        let payloads = SecretPayloads()
        try await tenant.table.write(former + [added], now: now) { table throws(EngineError) in
            guard table.version(of: added) == 0 else { throw EngineError(.conflict, "Another rotation is running.") }
            for key in former {
                guard var record = try table.get(key, as: SigningKeyRecord.self) else { continue }
                record.verifiesUntil = verifiesUntil.milliseconds
                try payloads.put(key, record, in: &table, expiresAt: verifiesUntil)
            }
            try payloads.put(added, record, in: &table)
        }
        payloads.wipe()
        let signingKey = SigningKey(record, key)
        tenant.state.withLock { state in
            for index in state.signingKeys.indices where state.signingKeys[index].verifiesUntil == nil {
                state.signingKeys[index].verifiesUntil = verifiesUntil
            }
            state.signingKeys.append(signingKey)
        }
        publishTokenKeys(of: tenant)
    }
}

/// A tenant whose credentials are refused, and what they were.
struct ShutTenant: Sendable {
    let tenant: Tenant
    fileprivate let keys: [APIKeyEntry]
    fileprivate let tokenKeys: [SigningKey]

    fileprivate init(tenant: Tenant, keys: [APIKeyEntry], tokenKeys: [SigningKey]) {
        (self.tenant, self.keys, self.tokenKeys) = (tenant, keys, tokenKeys)
    }
}
