import Store
import SwiftProtobuf

/// What a restore into a folder in use keeps of OpenDSR's requests: as they stand now, not as they stood in the backup, which knows
/// neither those that came since nor that others are done.
struct CarriedOpenDSR: Sendable {
    private let records: [OpenDSRRecord]
    private let open: [OpenRequest]
    private let identities: [(name: String, record: RequestIdentitiesRecord)]
    private let messages: [OutboxMessageRecord]

    init(of tenant: Tenant, now: Timestamp) async throws(EngineError) {
        let table = tenant.table
        records = try await table.all(
            in: Keyspace.partition(.requests), prefix: Keyspace.openDSRPrefix, as: OpenDSRRecord.self, now: now
        ).map(\.value)
        open = try await table.openRequests(now: now)
        messages = try await table.all(
            in: Keyspace.partition(.outbox), prefix: Keyspace.outboxPrefix, as: OutboxMessageRecord.self, now: now
        ).map(\.value)
        var identities: [(name: String, record: RequestIdentitiesRecord)] = []
        for record in records where record.holdsIdentities {
            let key = Keyspace.requestIdentities(name: record.requestName)
            guard let found = try await table.get(key, as: RequestIdentitiesRecord.self, now: now)?.value else { continue }
            identities.append((record.requestName, found))
        }
        self.identities = identities
    }

    /// - Parameter requests: the lines of the register, which say until when what has ended is kept.
    func apply(to tenant: Tenant, requests: [DataRequestRecord], now: Timestamp) async throws(EngineError) {
        try await clear(Keyspace.openDSRPrefix, in: .requests, of: tenant, now: now) { .openDSR(digest: $0) }
        try await clear(Keyspace.openRequestPrefix, in: .requests, of: tenant, now: now) { .openRequest(name: $0) }
        try await clear(Keyspace.outboxPrefix, in: .outbox, of: tenant, now: now) { .outboxMessage(name: $0) }
        var ends: [String: Timestamp] = [:]
        for request in requests { ends[request.name] = try DataRequest(request).expiresAt }
        var items: [Item] = []
        for record in records {
            items.append(
                Item(key: try tenant.table.openDSRKey(record.subjectRequestID), record: record, expiresAt: ends[record.requestName]))
        }
        items += open.map { Item(key: .openRequest(name: $0.name), record: $0.record) }
        items += identities.map { Item(key: .requestIdentities(name: $0.name), record: $0.record) }
        items += messages.map { Item(key: .outboxMessage(name: $0.name), record: $0) }
        for start in stride(from: 0, to: items.count, by: StoreLimits.itemsPerTransactionMax) {
            let some = Array(items[start..<min(start + StoreLimits.itemsPerTransactionMax, items.count)])
            try await tenant.table.write(some.map(\.key), now: now) { draft throws(EngineError) in
                for item in some { try draft.put(item.key, item.record, expiresAt: item.expiresAt) }
            }
        }
    }

    private struct Item: Sendable {
        let key: Keyspace
        let record: any Message
        var expiresAt: Timestamp?
    }

    private func clear(
        _ prefix: String, in shared: Keyspace.Shared, of tenant: Tenant, now: Timestamp, _ key: (String) -> Keyspace
    ) async throws(EngineError) {
        var doomed: [Keyspace] = []
        try await tenant.table.forEachItem(in: Keyspace.partition(shared), prefix: prefix, now: now) { item in
            doomed.append(key(String(decoding: item.sort.dropFirst(prefix.utf8.count), as: UTF8.self)))
        }
        for start in stride(from: 0, to: doomed.count, by: StoreLimits.itemsPerTransactionMax) {
            let some = Array(doomed[start..<min(start + StoreLimits.itemsPerTransactionMax, doomed.count)])
            try await tenant.table.write(some, now: now) { draft in for key in some { draft.delete(key) } }
        }
    }
}
