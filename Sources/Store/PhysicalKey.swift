/// The key of an item as the engine has it: (tenant, digest of PK, SK), encoded so that no two tenants' keys can meet.
package struct PhysicalKey: Hashable, Sendable {
    package let address: PartitionAddress
    package let sort: [UInt8]
    package let bytes: [UInt8]

    package init(_ address: PartitionAddress, sort: [UInt8]) throws(StoreError) {
        try self.init(address, start: Self.start(of: address), sort: sort)
    }

    /// - Parameter start: `start(of: address)`, for those who make several keys of a partition.
    init(_ address: PartitionAddress, start: OrderedKey, sort: [UInt8]) throws(StoreError) {
        var key = OrderedKey(extending: start, bytes: sort.count + 2)
        key.append(sort)
        guard key.bytes.count <= StoreLimits.keyBytesMax else { throw StoreError(.tooLarge, "making a key") }
        self.address = address
        self.sort = sort
        bytes = key.bytes
    }

    /// Reads a key of the engine back.
    package init(decoding bytes: [UInt8]) throws(StoreError) {
        var reader = OrderedKeyReader(bytes)
        guard let tenant = reader.integer().flatMap(UInt32.init(exactly:)), let digest = reader.string(), digest.count == 16,
            let sort = reader.string(), reader.isAtEnd
        else { throw StoreError(.damaged, "reading a key") }
        address = PartitionAddress(tenant: TenantNumber(tenant), digest: digest)
        self.sort = sort
        self.bytes = bytes
    }

    /// Reads a key back that is known to lie in a partition.
    init(decoding bytes: [UInt8], in address: PartitionAddress) throws(StoreError) {
        var reader = OrderedKeyReader(bytes, from: Self.start(of: address).bytes.count)
        guard let sort = reader.string(), reader.isAtEnd else { throw StoreError(.damaged, "reading a key") }
        self.address = address
        self.sort = sort
        self.bytes = bytes
    }

    /// What the keys of a partition whose sort keys start with `prefix` start with, and no others.
    package static func start(of address: PartitionAddress, prefix: [UInt8]) -> [UInt8] {
        var key = start(of: address)
        key.appendOpenEnded(prefix)
        return key.bytes
    }

    /// What the keys of a tenant start with, and no others.
    static func start(of tenant: TenantNumber) -> [UInt8] {
        var key = OrderedKey()
        key.append(UInt64(tenant.value))
        return key.bytes
    }

    /// What all keys of a partition start with.
    static func start(of address: PartitionAddress) -> OrderedKey {
        var key = OrderedKey()
        key.append(UInt64(address.tenant.value))
        key.append(address.digest)
        return key
    }
}

extension PhysicalKey {
    package static func == (left: Self, right: Self) -> Bool { left.bytes == right.bytes }

    package func hash(into hasher: inout Hasher) {
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}
