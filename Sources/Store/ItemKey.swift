/// One of the store's tenants. Number 0 is the installation itself; numbers are never used again.
package struct TenantNumber: Hashable, Sendable, Comparable {
    package let value: UInt32

    package init(_ value: UInt32) {
        self.value = value
    }

    package static func < (lhs: Self, rhs: Self) -> Bool { lhs.value < rhs.value }
}

/// The logical name of a partition: a tenant and a PK such as `USER#u1`, compared by bytes.
package struct PartitionKey: Hashable, Sendable {
    package let tenant: TenantNumber
    package let name: [UInt8]

    package init(tenant: TenantNumber, name: [UInt8]) {
        self.tenant = tenant
        self.name = name
    }
}

/// The logical name of an item: its partition and an SK such as `PERSONALIZATION`, compared by bytes.
package struct ItemKey: Hashable, Sendable {
    package let partition: PartitionKey
    /// Never empty: the empty sort key is the partition's header.
    package let sort: [UInt8]

    package init(_ partition: PartitionKey, sort: [UInt8]) {
        precondition(!sort.isEmpty, "the empty sort key is the partition's header")
        self.partition = partition
        self.sort = sort
    }
}

/// Where a partition lies: a tenant and a keyed digest of the PK, so that no personal data stands in a physical key.
package struct PartitionAddress: Hashable, Sendable {
    package let tenant: TenantNumber
    package let high: UInt64
    package let low: UInt64

    /// - Parameter digest: at least 16 bytes of a keyed digest (HMAC) of the partition's name; the first 16 count.
    package init(tenant: TenantNumber, digest: [UInt8]) {
        self.tenant = tenant
        let words = digest.span.bytes
        high = UInt64(bigEndian: words.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self))
        low = UInt64(bigEndian: words.unsafeLoadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }

    /// The 16 bytes of the digest.
    package var digest: [UInt8] {
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { Array($0) }
    }
}
