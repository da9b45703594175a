/// Reads: one short snapshot each, on the caller's thread.
extension LMDBEngine {
    package func get(_ key: ItemKey, now: Int64) async throws(StoreError) -> Item? {
        try read(key, now: now)
    }

    private func read(_ key: ItemKey, now: Int64) throws(StoreError) -> Item? {
        let address = try vault.address(of: key.partition)
        // The vault first: a partition that is live there has been committed before this snapshot.
        guard let seal = try vault.seal(at: address) else { return nil }
        let physical = try PhysicalKey(address, sort: key.sort)
        return try gate.read { environment throws(StoreError) in
            let transaction = try ReadTransaction(environment)
            guard let record = try transaction.get(physical.bytes, in: environment.items) else {
                guard try !Self.header(at: address, seal: seal, in: transaction, environment).demands(key.sort) else {
                    throw StoreError(.damaged, "reading an item that its partition counts")
                }
                return nil
            }
            let item = try Envelope.open(record, key: physical, seal: seal)
            return item.isExpired(at: now) ? nil : item
        }
    }

    package func query(
        _ partition: PartitionKey, prefix: [UInt8], after: [UInt8]?, limit: Int, now: Int64
    ) async throws(StoreError) -> [QueriedItem] {
        try page(partition, prefix: prefix, after: after, limit: min(max(limit, 1), StoreLimits.itemsPerQueryMax), now: now)
    }

    private func page(
        _ partition: PartitionKey, prefix: [UInt8], after: [UInt8]?, limit: Int, now: Int64
    ) throws(StoreError) -> [QueriedItem] {
        let address = try vault.address(of: partition)
        guard let seal = try vault.seal(at: address) else { return [] }
        return try gate.read { environment throws(StoreError) in
            let transaction = try ReadTransaction(environment)
            let range = PhysicalKey.start(of: address, prefix: prefix)
            let cursor = try transaction.cursor(in: environment.items)
            let header = try Self.header(at: address, seal: seal, in: transaction, environment)
            var isThere = try cursor.seek(try after.map { last throws(StoreError) in try PhysicalKey(address, sort: last).bytes } ?? range)
            var found: [QueriedItem] = []
            var counted: UInt64 = 0
            while isThere, found.count < limit, cursor.key.starts(with: range) {
                let key = try PhysicalKey(decoding: cursor.key)
                if !key.sort.isEmpty, key.sort != after {
                    counted += 1
                    let item = try Envelope.open(cursor.value, key: key, seal: seal)
                    if !item.isExpired(at: now) { found.append(QueriedItem(sort: key.sort, item: item)) }
                }
                isThere = try cursor.next()
            }
            // A collection that was read from end to end in one page must be whole.
            if after == nil, found.count < limit, PartitionHeader.isCollection(prefix), counted != header.count(of: prefix) {
                throw StoreError(.damaged, "reading a collection that its partition counts")
            }
            return found
        }
    }

    private static func header(
        at address: PartitionAddress, seal: any PartitionSeal, in transaction: borrowing ReadTransaction, _ environment: Environment
    ) throws(StoreError) -> PartitionHeader {
        let key = try PhysicalKey(address, sort: PartitionHeader.sort)
        guard let record = try transaction.get(key.bytes, in: environment.items) else {
            throw StoreError(.damaged, "reading the header of a live partition")
        }
        return try PartitionHeader(decoding: Envelope.open(record, key: key, seal: seal).payload)
    }

    /// Whether a partition's items have been committed; settles slots that a crash left reserved.
    package func hasHeader(at address: PartitionAddress) throws(StoreError) -> Bool {
        let key = try PhysicalKey(address, sort: PartitionHeader.sort)
        return try gate.read { environment throws(StoreError) in
            let transaction = try ReadTransaction(environment)
            return try transaction.get(key.bytes, in: environment.items) != nil
        }
    }

    /// Size of the data in bytes, as the map has ever used it.
    package func usedBytes() throws(StoreError) -> Int {
        try gate.read { environment in environment.extent.usedBytes }
    }
}
