/// Tells an item that is absent from one that was lost: LMDB has no checksums, and a flipped bit in a page can hide records.
///
/// The partition's header counts what there is. An item without a `#` in its sort key is thereby settled for certain. In a collection the
/// two neighbours of the gap are opened, which finds keys that were changed, moved or led astray; and a small collection is
/// counted. What is left is a page of a larger collection that vanished between two records that are whole.
enum Absence {
    /// - Parameters:
    ///   - key: what was looked up and not found in this snapshot.
    ///   - header: of the key's partition, in the same snapshot.
    static func verify(
        _ key: PhysicalKey, header: PartitionHeader, seal: any PartitionSeal, in transaction: borrowing ReadTransaction,
        _ tables: Environment
    ) throws(StoreError) {
        let collection = PartitionHeader.collection(of: key.sort)
        let count = header.count(of: collection)
        guard collection.last == UInt8(ascii: "#") else {
            if count > 0 { throw StoreError(.damaged, "reading an item that its partition counts") }
            return
        }
        let range = PhysicalKey.start(of: key.address, prefix: collection)
        let isCounted = count <= StoreLimits.itemsCountedOnMissMax
        let opened = isCounted ? range : PhysicalKey.start(of: key.address, prefix: [])
        let hasNeighbour = try checkNeighbours(of: key, in: range, opening: opened, seal: seal, transaction, tables)
        // The keys of a collection lie side by side, and the gap is among them.
        guard hasNeighbour == (count > 0) else { throw StoreError(.damaged, "reading beside a gap") }
        guard isCounted else { return }
        guard try transaction.countKeys(in: tables.items, range, limit: StoreLimits.itemsCountedOnMissMax + 1) == count else {
            throw StoreError(.damaged, "counting a collection")
        }
    }

    /// Opens the records before and behind a gap. A small collection leaves records that are not its own alone: one that is damaged
    /// shall not take its neighbours along.
    /// - Returns: whether one is of the collection.
    private static func checkNeighbours(
        of key: PhysicalKey, in collection: [UInt8], opening range: [UInt8], seal: any PartitionSeal,
        _ transaction: borrowing ReadTransaction, _ tables: Environment
    ) throws(StoreError) -> Bool {
        let cursor = try transaction.cursor(in: tables.items)
        var isInCollection = false
        let hasNext = try cursor.seek(key.bytes)
        if hasNext {
            guard key.bytes.lexicographicallyPrecedes(cursor.key) else { throw StoreError(.damaged, "reading behind a gap") }
            isInCollection = cursor.keyStarts(with: collection)
            if cursor.keyStarts(with: range) { try open(cursor, in: key.address, seal: seal) }
        }
        // Before it there is the partition's header, if nothing else.
        guard try hasNext ? cursor.previous() : cursor.last(), cursor.key.lexicographicallyPrecedes(key.bytes),
            cursor.keyStarts(with: PhysicalKey.start(of: key.address, prefix: []))
        else { throw StoreError(.damaged, "reading before a gap") }
        if cursor.keyStarts(with: range) { try open(cursor, in: key.address, seal: seal) }
        return isInCollection || cursor.keyStarts(with: collection)
    }

    private static func open(
        _ cursor: borrowing Cursor, in address: PartitionAddress, seal: any PartitionSeal
    ) throws(StoreError) {
        _ = try Envelope.open(cursor.value, key: PhysicalKey(decoding: cursor.key, in: address), seal: seal)
    }
}
