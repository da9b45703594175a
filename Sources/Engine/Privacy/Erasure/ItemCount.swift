import Store
import SwiftProtobuf

/// How many items of which kind are held of users, as receipts say it.
enum ItemCount {
    /// Events are counted one by one, though several lie in an item.
    static func kinds(of users: [UserID], in table: Table, now: Timestamp) async throws(EngineError) -> [KindCountRecord] {
        var counts: [String: UInt64] = [:]
        for user in users {
            try await table.forEachItem(in: Keyspace.partition(of: user), prefix: "", now: now) { found in
                if found.item.entityType == EntityType.eventPage.rawValue {
                    // One that cannot be read is erased like the others.
                    let page = try? EventPageRecord(serializedBytes: found.item.payload)
                    counts["Event", default: 0] += UInt64(page?.events.count ?? 1)
                } else {
                    counts[found.item.entityType, default: 0] += 1
                }
            }
        }
        return counts.sorted { $0.key < $1.key }.map { entry in
            KindCountRecord.with { ($0.kind, $0.count) = (entry.key, entry.value) }
        }
    }
}
