/// Order-preserving, self-delimiting encoding of a sequence of integers and byte strings.
///
/// Encoded keys compare, byte by byte, as their elements do one after another, and unlike sequences never encode alike: where a string
/// ends, 00 is followed by a type code or by nothing, and FF is no type code. Source: the tuple layer of FoundationDB
/// (`design/tuple.md`), type codes 0x01 (bytes) and 0x14 to 0x1C (unsigned integers).
package struct OrderedKey: Hashable, Sendable {
    package private(set) var bytes: [UInt8] = []

    private static let usualBytes = 48

    package init() {
        bytes.reserveCapacity(Self.usualBytes)
    }

    /// The same as another, with room for what is to be appended.
    init(extending other: OrderedKey, bytes count: Int) {
        bytes.reserveCapacity(other.bytes.count + count)
        bytes.append(contentsOf: other.bytes)
    }

    /// Appends an unsigned integer in as few bytes as it needs; the type code carries their number, so shorter sorts first.
    package mutating func append(_ integer: UInt64) {
        let byteCount = (64 - integer.leadingZeroBitCount + 7) / 8
        bytes.append(0x14 + UInt8(byteCount))
        for shift in stride(from: 8 * (byteCount - 1), through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: integer >> UInt64(shift)))
        }
    }

    /// Appends a byte string: a zero inside is escaped as 00 FF, the end is 00.
    package mutating func append(_ string: some Sequence<UInt8>) {
        appendOpenEnded(string)
        bytes.append(0x00)
    }

    /// Appends a byte string without its end: what every key starts with whose string starts so.
    package mutating func appendOpenEnded(_ string: some Sequence<UInt8>) {
        bytes.append(0x01)
        // Nearly no string has a zero inside.
        if string.withContiguousStorageIfAvailable({ !$0.contains(0) }) ?? false {
            bytes.append(contentsOf: string)
            return
        }
        for byte in string {
            bytes.append(byte)
            if byte == 0 { bytes.append(0xFF) }
        }
    }
}

/// Reads back what `OrderedKey` wrote.
package struct OrderedKeyReader {
    private let bytes: [UInt8]
    private var position = 0

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Begins behind what is known already.
    init(_ bytes: [UInt8], from position: Int) {
        self.bytes = bytes
        self.position = position
    }

    package var isAtEnd: Bool { position == bytes.count }

    /// - Returns: nil where no integer stands next.
    package mutating func integer() -> UInt64? {
        guard position < bytes.count, (0x14...0x1C).contains(bytes[position]) else { return nil }
        let byteCount = Int(bytes[position]) - 0x14
        guard position + byteCount < bytes.count else { return nil }
        let value = bytes[(position + 1)..<(position + 1 + byteCount)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        position += 1 + byteCount
        return value
    }

    /// - Returns: nil where no complete byte string stands next.
    package mutating func string() -> [UInt8]? {
        guard position < bytes.count, bytes[position] == 0x01 else { return nil }
        var string: [UInt8] = []
        var next = position + 1
        while next < bytes.count {
            if bytes[next] != 0 {
                string.append(bytes[next])
                next += 1
            } else if next + 1 < bytes.count, bytes[next + 1] == 0xFF {
                string.append(0)
                next += 2
            } else {
                position = next + 1
                return string
            }
        }
        return nil
    }
}
