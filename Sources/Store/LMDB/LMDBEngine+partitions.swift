/// Walking over partitions, for operators' work: exports and checks.
extension LMDBEngine {
    /// A partition that the store holds, opened and counted.
    package struct Census: Sendable {
        package let address: PartitionAddress
        /// The logical name; nil where the header is damaged.
        package let name: [UInt8]?
        package let items: Int
        /// Items that do not open, and differences between what the header counts and what there is.
        package let faults: Int
    }

    /// Addresses of a tenant's partitions, in order.
    /// - Parameter after: only those behind this one.
    package func partitions(
        of tenant: TenantNumber, after: PartitionAddress?, limit: Int
    ) throws(StoreError) -> [PartitionAddress] {
        try gate.read { environment throws(StoreError) in
            let transaction = try ReadTransaction(environment)
            let cursor = try transaction.cursor(in: environment.items)
            let start = PhysicalKey.start(of: tenant)
            var isThere = try cursor.seek(after.map(Self.end) ?? start)
            var found: [PartitionAddress] = []
            while isThere, found.count < limit, cursor.keyStarts(with: start) {
                if let address = try? PhysicalKey(decoding: cursor.key).address {
                    found.append(address)
                    isThere = try cursor.seek(Self.end(of: address))
                } else {
                    // A damaged key hides no other partition; its own is missed by who knows which live.
                    isThere = try cursor.next()
                }
            }
            return found
        }
    }

    /// The first key behind all keys of a partition.
    private static func end(of address: PartitionAddress) -> [UInt8] {
        // A sort key begins with the type code 01; no key of the partition has 02 there.
        Array(PhysicalKey.start(of: address, prefix: []).dropLast()) + [0x02]
    }

    /// The logical name of a partition, as its header has it. nil: the vault does not know it, so it is nobody's.
    package func name(of address: PartitionAddress) throws(StoreError) -> [UInt8]? { try header(of: address)?.name }

    /// What a partition says of itself. nil: the vault does not know it, so it is nobody's.
    package func header(of address: PartitionAddress) throws(StoreError) -> PartitionHeader? {
        guard let seal = try vault.seal(at: address) else { return nil }
        return try gate.read { environment throws(StoreError) in
            try PartitionHeader.load(at: address, seal: seal, in: try ReadTransaction(environment), environment)
        }
    }

    /// Opens every item of a partition. nil: the vault does not know it, so it is nobody's.
    package func census(of address: PartitionAddress) throws(StoreError) -> Census? {
        guard let seal = try vault.seal(at: address) else { return nil }
        return try gate.read { environment throws(StoreError) in
            let transaction = try ReadTransaction(environment)
            let range = PhysicalKey.start(of: address, prefix: [])
            let cursor = try transaction.cursor(in: environment.items)
            var header: PartitionHeader?
            var counted: [[UInt8]: UInt64] = [:]
            var faults = 0
            var isThere = try cursor.seek(range)
            while isThere, cursor.keyStarts(with: range) {
                if let key = try? PhysicalKey(decoding: cursor.key, in: address) {
                    let item = try? Envelope.open(cursor.value, key: key, seal: seal)
                    if item == nil { faults += 1 }
                    if key.sort.isEmpty {
                        header = item.flatMap { try? PartitionHeader(decoding: $0.payload) }
                    } else {
                        counted[PartitionHeader.collection(of: key.sort), default: 0] += 1
                    }
                } else {
                    faults += 1
                }
                isThere = try cursor.next()
            }
            if header?.counts != counted { faults += 1 }
            return Census(
                address: address, name: header?.name, items: Int(counted.values.reduce(0, +)), faults: faults)
        }
    }
}
