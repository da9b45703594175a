import FoundationEssentials
import Store
import SwiftProtobuf
import Synchronization
import Tokens

/// Changes of API keys, in the store first and in memory then.
extension TenantDirectory {
    func addKey(
        _ kind: APIKeyKind, label: String, origins: [String], to tenant: Tenant, by actor: String, now: Timestamp
    ) async throws(EngineError) -> (APIKey, APIKeyEntry) {
        try takePlace(of: tenant, now: now)
        defer { releasePlace(of: tenant) }
        let (key, record) = try newKey(kind, label: label, origins: origins, of: tenant, now: now)
        let item = Keyspace.apiKey(id: key.id)
        let noted = try AuditEntry("key-created", object: "\(kind.rawValue):\(key.id)", by: actor, in: tenant.name, at: now)
        let version = try await AuditLog(tenant: tenant).write([item], noting: noted, now: now) { table throws(EngineError) in
            try table.put(item, record)
            return table.version
        }
        let entry = APIKeyEntry(tenant: tenant, record: Versioned(record, version: version))
        insert(entry)
        return (key, entry)
    }

    /// Makes a key like another and lets the other end, in one transaction.
    /// - Parameter check: throws where the other, as it is stored, is not to be replaced.
    func replaceKey(
        _ old: APIKeyEntry, endingAt end: Timestamp, by actor: String, now: Timestamp,
        _ check: @escaping @Sendable (APIKeyRecord) throws(EngineError) -> Void
    ) async throws(EngineError) -> (APIKey, APIKeyEntry) {
        try check(old.record)
        // One that ends at once leaves its place to the new one.
        try takePlace(of: old.tenant, now: now, insteadOf: end <= now ? old : nil)
        defer { releasePlace(of: old.tenant) }
        let former = old.record
        let (key, record) = try newKey(old.kind, label: former.label, origins: former.origins, of: old.tenant, now: now)
        let (oldItem, newItem) = (Keyspace.apiKey(id: old.id), Keyspace.apiKey(id: key.id))
        let noted = try AuditEntry("key-rotated", object: "\(old.id) to \(key.id)", by: actor, in: old.tenant.name, at: now)
        let log = AuditLog(tenant: old.tenant)
        let (ended, made) = try await log.write([oldItem, newItem], noting: noted, now: now) { table throws(EngineError) in
            guard var ended = try table.get(oldItem, as: APIKeyRecord.self) else { throw Self.noSuchKey }
            try check(ended)
            ended.expiresAt = end.milliseconds
            try table.put(oldItem, ended)
            try table.put(newItem, record)
            return (Versioned(ended, version: table.version), Versioned(record, version: table.version))
        }
        old.take(ended)
        let entry = APIKeyEntry(tenant: old.tenant, record: made)
        insert(entry)
        return (key, entry)
    }

    private func newKey(
        _ kind: APIKeyKind, label: String, origins: [String], of tenant: Tenant, now: Timestamp
    ) throws(EngineError) -> (APIKey, APIKeyRecord) {
        var key = APIKey.generate(kind)
        while self.key(key.id) != nil { key = APIKey.generate(kind) }
        let code = try tenant.secretCode(of: key)
        let (id, recordedKind) = (key.id, kind.recorded)
        let record = APIKeyRecord.with {
            $0.id = id
            $0.kind = recordedKind
            $0.secretCode = .init(code)
            $0.label = label
            $0.origins = origins
            $0.createdAt = now.milliseconds
        }
        return (key, record)
    }

    private static var noSuchKey: EngineError { EngineError(.notFound, "There is no key of that id.") }

    /// Puts a key's record where there is none.
    @discardableResult
    func restore(_ record: APIKeyRecord, to tenant: Tenant, now: Timestamp) async throws(EngineError) -> APIKeyEntry {
        let item = Keyspace.apiKey(id: record.id)
        let version = try await tenant.table.write([item], now: now) { table throws(EngineError) in
            try table.put(item, record)
            return table.version
        }
        let entry = APIKeyEntry(tenant: tenant, record: Versioned(record, version: version))
        insert(entry)
        return entry
    }

    /// Refuses a key from the next request on.
    func revoke(_ key: APIKeyEntry, by actor: String, now: Timestamp) async throws(EngineError) -> KeyDocument {
        if key.record.hasRevokedAt, !key.contradictsLog { return KeyDocument(key) }
        let item = Keyspace.apiKey(id: key.id)
        let noted = try AuditEntry("key-revoked", object: key.id, by: actor, in: key.tenant.name, at: now)
        let record = try await AuditLog(tenant: key.tenant).write([item], noting: noted, now: now) { table throws(EngineError) in
            guard var record = try table.get(item, as: APIKeyRecord.self) else { throw Self.noSuchKey }
            if !record.hasRevokedAt { record.revokedAt = now.milliseconds }
            try table.put(item, record)
            return Versioned(record, version: table.version)
        }
        key.take(record)
        return KeyDocument(key)
    }

    func change(
        _ key: APIKeyEntry, now: Timestamp, _ body: @escaping @Sendable (inout APIKeyRecord) throws(EngineError) -> Void
    ) async throws(EngineError) {
        let item = Keyspace.apiKey(id: key.id)
        let record = try await key.tenant.table.write([item], now: now) { table throws(EngineError) in
            guard var record = try table.get(item, as: APIKeyRecord.self) else { throw Self.noSuchKey }
            try body(&record)
            try table.put(item, record)
            return Versioned(record, version: table.version)
        }
        key.take(record)
    }
}

extension APIKeyEntry {
    /// Makes a stored record the present one.
    fileprivate func take(_ record: Versioned<APIKeyRecord>) {
        state.withLock { state in
            // A slower caller with an older version must not undo a revocation.
            guard record.version > state.record.version, record.value.hasRevokedAt || !state.contradictsLog else { return }
            state.contradictsLog = false
            let lastUsedAt = state.record.value.hasLastUsedAt ? state.record.value.lastUsedAt : nil
            state.record = record
            if let lastUsedAt { state.record.value.lastUsedAt = max(lastUsedAt, record.value.lastUsedAt) }
        }
    }
}
