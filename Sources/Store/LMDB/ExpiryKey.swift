/// Key of the table of what expires: the time, then the physical key of the item.
enum ExpiryKey {
    static func bytes(_ expiresAt: Int64, _ key: PhysicalKey) -> [UInt8] {
        timeBytes(expiresAt) + key.bytes
    }

    /// Expiry times are never negative, so the big-endian bytes sort as the times do.
    static func timeBytes(_ expiresAt: Int64) -> [UInt8] {
        withUnsafeBytes(of: expiresAt.bigEndian) { Array($0) }
    }

    static func expiresAt(_ key: [UInt8]) -> Int64 {
        key.prefix(8).reduce(0) { $0 << 8 | Int64($1) }
    }

    static func physicalKey(_ key: [UInt8]) throws(StoreError) -> PhysicalKey {
        try PhysicalKey(decoding: Array(key.dropFirst(8)))
    }
}
