extension PartitionHeader {
    /// The header of a live partition.
    /// - Throws: `.damaged` where it is missing: a live partition has one.
    static func load(
        at address: PartitionAddress, seal: any PartitionSeal, in transaction: borrowing ReadTransaction, _ tables: Environment
    ) throws(StoreError) -> PartitionHeader {
        let key = try PhysicalKey(address, sort: sort)
        guard let record = try transaction.get(key.bytes, in: tables.items) else {
            throw StoreError(.damaged, "reading the header of a live partition")
        }
        return try PartitionHeader(decoding: Envelope.open(record, key: key, seal: seal).payload)
    }
}
