/// CRC-32 as in zlib and IEEE 802.3 (reflected polynomial 0xEDB88320). Finds mistypes; protects against nobody.
package enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { remainder, _ in
            remainder & 1 == 1 ? remainder >> 1 ^ 0xEDB8_8320 : remainder >> 1
        }
    }

    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        Array(bytes).withUnsafeBytes(checksum)
    }

    /// Over plain memory: a key vault of a million slots is checked with it at every start.
    package static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        table.withUnsafeBufferPointer { table in
            var checksum = ~UInt32(0)
            for byte in bytes {
                checksum = checksum >> 8 ^ table[Int(UInt8(truncatingIfNeeded: checksum) ^ byte)]
            }
            return ~checksum
        }
    }
}
