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
                let header = try PartitionHeader.load(at: address, seal: seal, in: transaction, environment)
                try Absence.verify(physical, header: header, seal: seal, in: transaction, environment)
                return nil
            }
            let item = try Envelope.open(record, key: physical, seal: seal)
            return item.isExpired(at: now) ? nil : item
        }
    }

    package func get(_ keys: [ItemKey], now: Int64) async throws(StoreError) -> [Item?] {
        try read(keys, now: now)
    }

    /// Where one of several items lies.
    private struct Place {
        let key: PhysicalKey
        let partition: PartitionKey
        let address: PartitionAddress
        /// nil: there is no such partition.
        let seal: (any PartitionSeal)?
    }

    private func places(_ keys: [ItemKey]) throws(StoreError) -> [Place] {
        guard keys.count <= StoreLimits.itemsPerTransactionMax else { throw StoreError(.tooLarge, "reading several items") }
        var places: [Place] = []
        places.reserveCapacity(keys.count)
        for key in keys {
            // Most often they are all of one partition.
            let known = places.last.flatMap { $0.partition == key.partition ? $0 : nil }
            let address = if let known { known.address } else { try vault.address(of: key.partition) }
            let seal = if let known { known.seal } else { try vault.seal(at: address) }
            places.append(
                Place(key: try PhysicalKey(address, sort: key.sort), partition: key.partition, address: address, seal: seal))
        }
        return places
    }

    private func read(_ keys: [ItemKey], now: Int64) throws(StoreError) -> [Item?] {
        let places = try places(keys)
        return try gate.read { environment throws(StoreError) in
            let transaction = try ReadTransaction(environment)
            var items: [Item?] = []
            items.reserveCapacity(places.count)
            var header: (address: PartitionAddress, header: PartitionHeader)?
            for place in places {
                guard let seal = place.seal else {
                    items.append(nil)
                    continue
                }
                guard let record = try transaction.get(place.key.bytes, in: environment.items) else {
                    let known = header.flatMap { $0.address == place.address ? $0.header : nil }
                    let present =
                        if let known { known } else {
                            try PartitionHeader.load(at: place.address, seal: seal, in: transaction, environment)
                        }
                    header = (place.address, present)
                    try Absence.verify(place.key, header: present, seal: seal, in: transaction, environment)
                    items.append(nil)
                    continue
                }
                let item = try Envelope.open(record, key: place.key, seal: seal)
                items.append(item.isExpired(at: now) ? nil : item)
            }
            return items
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
            let header = try PartitionHeader.load(at: address, seal: seal, in: transaction, environment)
            let last = try after.map { sort throws(StoreError) in try PhysicalKey(address, sort: sort).bytes } ?? range
            var isThere = try cursor.seek(last.lexicographicallyPrecedes(range) ? range : last)
            var found: [QueriedItem] = []
            var counted: UInt64 = 0
            while isThere, found.count < limit, cursor.keyStarts(with: range) {
                let key = try PhysicalKey(decoding: cursor.key, in: address)
                if !key.sort.isEmpty, key.sort != after {
                    counted += 1
                    let item = try Envelope.open(cursor.value, key: key, seal: seal)
                    if !item.isExpired(at: now) { found.append(QueriedItem(sort: key.sort, item: item)) }
                }
                isThere = try cursor.next()
            }
            // What was read to its end must be whole.
            if found.count < limit, let count = header.count(startingWith: prefix) {
                if after != nil {
                    counted = try Self.recount(range, prefix: prefix, expected: count, in: transaction, environment)
                }
                guard counted == count else { throw StoreError(.damaged, "reading a collection that its partition counts") }
            }
            return found
        }
    }

    /// Counts again from the start what was read in several pages; the expected number where that would take too long.
    private static func recount(
        _ range: [UInt8], prefix: [UInt8], expected: UInt64, in transaction: borrowing ReadTransaction, _ environment: Environment
    ) throws(StoreError) -> UInt64 {
        let limit = StoreLimits.itemsCountedOnLastPageMax
        guard expected <= limit else { return expected }
        let headerCount = prefix.isEmpty ? 1 : 0
        return UInt64(try transaction.countKeys(in: environment.items, range, limit: limit + 2) - headerCount)
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
