import FoundationEssentials
import Store
import SwiftProtobuf
import Synchronization
import Tokens

/// Changes of API keys, in the store first and in memory then.
extension TenantDirectory {
    func addKey(
        _ kind: APIKeyKind, label: String, origins: [String], to tenant: Tenant, now: Timestamp
    ) async throws(EngineError) -> (APIKey, APIKeyEntry) {
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
        return (key, try await restore(record, to: tenant, now: now))
    }

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

    func change(
        _ key: APIKeyEntry, now: Timestamp, _ body: @escaping @Sendable (inout APIKeyRecord) throws(EngineError) -> Void
    ) async throws(EngineError) {
        let item = Keyspace.apiKey(id: key.id)
        let record = try await key.tenant.table.write([item], now: now) { table throws(EngineError) in
            guard var record = try table.get(item, as: APIKeyRecord.self) else {
                throw EngineError(.notFound, "There is no key of that id.")
            }
            try body(&record)
            try table.put(item, record)
            return Versioned(record, version: table.version)
        }
        key.state.withLock { state in
            // A slower caller with an older version must not undo a revocation.
            guard record.version > state.record.version else { return }
            let lastUsedAt = state.record.value.hasLastUsedAt ? state.record.value.lastUsedAt : nil
            state.record = record
            if let lastUsedAt { state.record.value.lastUsedAt = max(lastUsedAt, record.value.lastUsedAt) }
        }
    }
}
