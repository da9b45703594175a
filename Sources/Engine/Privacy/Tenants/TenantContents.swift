import Store

/// What a tenant has, by what the headers of its partitions count: no item is opened for it.
struct TenantContents: Sendable {
    /// How many users and items of each collection, `EVENT` or `PERSONALIZATION`, as receipts say it.
    let counts: [String: UInt64]

    init(of tenant: Tenant, in store: LMDBEngine) throws(EngineError) {
        var counts: [String: UInt64] = ["User": 0]
        do throws(StoreError) {
            var last: PartitionAddress?
            while true {
                let page = try store.partitions(of: tenant.number, after: last, limit: StoreLimits.itemsPerQueryMax)
                for address in page {
                    // One whose header cannot be read goes with the others.
                    guard let header = try? store.header(of: address) else { continue }
                    if Keyspace.user(ofPartition: header.name) != nil { counts["User", default: 0] += 1 }
                    for (collection, count) in header.counts { counts[Self.name(collection), default: 0] += count }
                }
                guard let end = page.last else { break }
                last = end
            }
        } catch {
            throw EngineError(error)
        }
        self.counts = counts
    }

    private static func name(_ collection: [UInt8]) -> String {
        String(decoding: collection.last == UInt8(ascii: "#") ? collection.dropLast() : collection[...], as: UTF8.self)
    }
}
