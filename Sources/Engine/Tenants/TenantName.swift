/// A tenant's name: `[a-z0-9][a-z0-9_-]{0,62}`.
package struct TenantName: Hashable, Sendable, Comparable {
    package let text: String

    /// - Returns: nil for a name of another form.
    package init?(_ text: String) {
        func isPlain(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        let bytes = Array(text.utf8)
        guard (1...63).contains(bytes.count), isPlain(bytes[0]),
            bytes.allSatisfy({ isPlain($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") })
        else { return nil }
        self.text = text
    }

    package static func < (lhs: Self, rhs: Self) -> Bool { lhs.text < rhs.text }
}
