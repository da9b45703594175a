import Logging
import Store
import Synchronization
import Tokens

/// All tenants and their credentials, in memory: one look-up finds who calls. Loaded at start, changed together with the store.
final class TenantDirectory: Sendable {
    private struct State: Sendable {
        var byName: [TenantName: Tenant] = [:]
        var keysByID: [String: APIKeyEntry] = [:]
        /// How many keys of a tenant are being made.
        var keysBeingMade: [TenantNumber: Int] = [:]
        /// Tenants by the `kid` of their token keys.
        var tenantsByTokenKey: [String: (tenant: Tenant, key: SigningKey)] = [:]
    }

    private static let logger = Logger(label: "attune.keys")

    let installation: Table
    private let state = Mutex(State())

    init(installation: Table) {
        self.installation = installation
    }

    /// Where a tenant's record is kept: under a keyed digest, since the name comes from outside.
    func item(of name: TenantName) throws(EngineError) -> Keyspace {
        .tenant(digest: try installation.digest([Array("tenant".utf8), Array(name.text.utf8)]))
    }

    func table(_ number: TenantNumber) -> Table {
        Table(tenant: number, engine: installation.engine, vault: installation.vault)
    }

    var tenants: [Tenant] { state.withLock { $0.byName.values.sorted { $0.name < $1.name } } }

    func tenant(_ name: TenantName) -> Tenant? { state.withLock { $0.byName[name] } }

    func key(_ id: String) -> APIKeyEntry? { state.withLock { $0.keysByID[id] } }

    func keys(of tenant: Tenant) -> [APIKeyEntry] {
        state.withLock { $0.keysByID.values.filter { $0.tenant === tenant } }.sorted { $0.id < $1.id }
    }

    var allKeys: [APIKeyEntry] { state.withLock { Array($0.keysByID.values) } }

    func tokenKey(_ keyID: String) -> (tenant: Tenant, key: SigningKey)? { state.withLock { $0.tenantsByTokenKey[keyID] } }

    func insert(_ tenant: Tenant) {
        state.withLock { $0.byName[tenant.name] = tenant }
    }

    func insert(_ key: APIKeyEntry) {
        state.withLock { $0.keysByID[key.id] = key }
    }

    /// Sets a place aside for a key that is being made, until `releasePlace`.
    /// - Parameter replaced: a key that counts no more.
    func takePlace(of tenant: Tenant, now: Timestamp, insteadOf replaced: APIKeyEntry? = nil) throws(EngineError) {
        try state.withLock { state throws(EngineError) in
            let good = state.keysByID.values.count { $0.tenant === tenant && $0 !== replaced && $0.record.isGood(at: now) }
            guard good + state.keysBeingMade[tenant.number, default: 0] < Limits.keysPerTenantMax else {
                throw EngineError(.conflict, "The tenant has as many keys as it may have. Revoke one first.")
            }
            state.keysBeingMade[tenant.number, default: 0] += 1
        }
    }

    func releasePlace(of tenant: Tenant) {
        state.withLock { state in
            let left = state.keysBeingMade[tenant.number, default: 1] - 1
            state.keysBeingMade[tenant.number] = left > 0 ? left : nil
        }
    }

    /// Makes the tenant's present token keys the ones that are known.
    func publishTokenKeys(of tenant: Tenant) {
        let keys = tenant.state.withLock { $0.signingKeys }
        state.withLock { state in
            state.tenantsByTokenKey = state.tenantsByTokenKey.filter { $0.value.tenant !== tenant }
            for key in keys { state.tenantsByTokenKey[key.signer.publicKey.keyID] = (tenant, key) }
        }
    }

    /// Refuses the tenant's credentials from here on. Another tenant of the same name is left alone.
    /// - Returns: whether it was there.
    @discardableResult
    func remove(_ tenant: Tenant) -> Bool {
        state.withLock { state in
            let isThere = state.byName[tenant.name] === tenant
            if isThere { state.byName[tenant.name] = nil }
            state.keysByID = state.keysByID.filter { $0.value.tenant !== tenant }
            state.tenantsByTokenKey = state.tenantsByTokenKey.filter { $0.value.tenant !== tenant }
            return isThere
        }
    }

    /// Reads everything from the store.
    func load(now: Timestamp) async throws(EngineError) {
        let records = try await installation.all(
            in: Keyspace.partition(.tenants), prefix: "TENANT#", as: TenantRecord.self, now: now)
        for record in records { try await load(record, now: now) }
    }

    private func load(_ record: Versioned<TenantRecord>, now: Timestamp) async throws(EngineError) {
        let number = TenantNumber(record.value.number)
        // A tenant whose keys are gone is deleted, whatever else is left of it.
        guard let name = TenantName(record.value.name), installation.vault.hasTenant(number) else { return }
        let tenant = Tenant(name: name, table: table(number), record: record)
        insert(tenant)
        try await tenant.loadTokenState(now: now)
        try await loadKeys(of: tenant, now: now)
        publishTokenKeys(of: tenant)
        try await loadProofKey(of: tenant, now: now)
    }
}

extension TenantDirectory {
    /// Loads a tenant's keys, and what is revoked, as records and log have it.
    private func loadKeys(of tenant: Tenant, now: Timestamp) async throws(EngineError) {
        var logged: LoggedRevocations?
        do throws(EngineError) {
            logged = try await LoggedRevocations(of: tenant, now: now)
        } catch {
            // `audit-verify` says so, too; what the records say holds.
            guard error.code == .damaged else { throw error }
            Self.logger.error("a tenant's log is damaged", metadata: ["tenant": "\(tenant.name.text)"])
        }
        let keys = try await tenant.table.all(in: Keyspace.partition(.keys), prefix: "KEY#", as: APIKeyRecord.self, now: now)
        for key in keys {
            let corrected = logged?.corrected(key.value)
            if corrected != nil {
                Self.logger.error(
                    "a key's record contradicts the audit log; the key is refused",
                    metadata: ["tenant": "\(tenant.name.text)", "key": "\(key.value.id)"])
            }
            let record = Versioned(corrected ?? key.value, version: key.version)
            insert(APIKeyEntry(tenant: tenant, record: record, contradictsLog: corrected != nil))
        }
        if let logged { try tenant.revoke(logged.revokedTokens, now: now) }
    }

    /// Keys that are refused since the log says so, though their records do not.
    func keysAgainstLog(of tenant: Tenant) -> [String] { keys(of: tenant).filter(\.contradictsLog).map(\.id) }
}

extension Tenant {
    fileprivate func loadTokenState(now: Timestamp) async throws(EngineError) {
        let partition = Keyspace.partition(.tokens)
        var keys: [SigningKey] = []
        try await table.forEachItem(in: partition, prefix: "SIGNING#", now: now) { found throws(EngineError) in
            let key = try found.item.secretRecord(as: SigningKeyRecord.self, \.privateKey) { record, secret throws(EngineError) in
                try SigningKey(record, secret: secret)
            }
            if key.verifies(at: now) { keys.append(key) }
        }
        var revocations: [String: Timestamp] = [:]
        let prefix = "REVOKED#"
        try await table.forEachItem(in: partition, prefix: prefix, now: now) { item in
            let digest = String(decoding: item.sort.dropFirst(prefix.utf8.count), as: UTF8.self)
            revocations[digest] = item.item.expiresAt.map { Timestamp(milliseconds: $0) }
        }
        let loaded = (keys.sorted { $0.number < $1.number }, revocations)
        state.withLock { state in
            (state.signingKeys, state.revocations) = loaded
        }
    }
}

/// Upkeep.
extension TenantDirectory {
    /// Forgets revocations of tokens that have ended, and token keys that verify nothing any more. The store's sweeper deletes both.
    func dropEnded(now: Timestamp) {
        for tenant in tenants {
            let hasEndedKeys = tenant.state.withLock { state in
                state.revocations = state.revocations.filter { now < $0.value }
                let count = state.signingKeys.count
                state.signingKeys.removeAll { !$0.verifies(at: now) }
                return state.signingKeys.count < count
            }
            if hasEndedKeys { publishTokenKeys(of: tenant) }
        }
    }

    /// Stores when keys were last used, where that has changed since it was stored: a transaction for many keys of a tenant.
    func storeLastUses(now: Timestamp) async throws(EngineError) {
        for tenant in tenants {
            let used = keys(of: tenant).filter { $0.state.withLock { $0.isUsedSinceStored } }
            for start in stride(from: 0, to: used.count, by: StoreLimits.itemsPerTransactionMax) {
                try await storeLastUses(of: used[start..<min(start + StoreLimits.itemsPerTransactionMax, used.count)], tenant, now: now)
            }
        }
    }

    private func storeLastUses(of keys: ArraySlice<APIKeyEntry>, _ tenant: Tenant, now: Timestamp) async throws(EngineError) {
        let uses = keys.map { key in
            key.state.withLock { state in
                state.isUsedSinceStored = false
                return (item: Keyspace.apiKey(id: key.id), lastUsedAt: state.record.value.lastUsedAt)
            }
        }
        do {
            try await tenant.table.write(uses.map(\.item), now: now) { table throws(EngineError) in
                for use in uses {
                    guard var record = try table.get(use.item, as: APIKeyRecord.self) else { continue }
                    record.lastUsedAt = max(record.lastUsedAt, use.lastUsedAt)
                    try table.put(use.item, record)
                }
            }
        } catch {
            for key in keys { key.state.withLock { $0.isUsedSinceStored = true } }
            // A tenant that is being deleted keeps nobody else's uses from being stored.
            if self.tenant(tenant.name) === tenant { throw error }
        }
    }
}
