/// The id that a tenant gives one of its users: 1 to 256 bytes of UTF-8 without control characters.
///
/// Compared and hashed by bytes: Swift's `String ==` would take the NFC and the NFD form of a name for one user.
package struct UserID: Hashable, Sendable {
    /// The UTF-8 bytes.
    package let bytes: [UInt8]

    /// Checks text that has been decoded already: a member of a JSON body, an argument of a command.
    /// - Throws: `EngineError` of code `.invalid`, pointing to `pointer`.
    package init(_ text: String, pointer: String = "/userId") throws(EngineError) {
        try self.init(bytes: Array(text.utf8), pointer: pointer)
    }

    /// Reads one path segment or query value, percent-decoding it exactly once.
    /// - Throws: `EngineError` of code `.invalid` for broken escapes, invalid UTF-8 and what `init(_:pointer:)` refuses.
    package init(percentEncoded text: some StringProtocol, pointer: String = "/userId") throws(EngineError) {
        guard let bytes = PercentDecoding.decode(text.utf8) else {
            throw .invalid(pointer, "holds a broken percent escape")
        }
        try self.init(bytes: bytes, pointer: pointer)
    }

    /// JSON integers are ids too: 17 and "17" are one user.
    package init(_ integer: Int64) {
        bytes = Array(String(integer).utf8)
    }

    private init(bytes: [UInt8], pointer: String) throws(EngineError) {
        guard !bytes.isEmpty, bytes.count <= Limits.userIDBytesMax else {
            throw .invalid(pointer, "must be 1 to 256 bytes long")
        }
        guard (try? UTF8Span(validating: bytes.span)) != nil else {
            throw .invalid(pointer, "must be valid UTF-8")
        }
        guard !ControlCharacters.areIn(bytes) else {
            throw .invalid(pointer, "must not hold control characters")
        }
        guard !bytes.elementsEqual("me".utf8) else {
            throw .invalid(pointer, "`me` stands for the token's own user and names nobody else")
        }
        self.bytes = bytes
    }

    /// The id as text, for answers.
    package var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// Percent decoding (RFC 3986, 2.1) over bytes.
package enum PercentDecoding {
    /// - Returns: nil where a `%` is not followed by two hexadecimal digits.
    package static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
        var decoded: [UInt8] = []
        var bytes = text.makeIterator()
        while let byte = bytes.next() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            guard let high = bytes.next().flatMap(hexadecimalValue), let low = bytes.next().flatMap(hexadecimalValue) else {
                return nil
            }
            decoded.append(high << 4 | low)
        }
        return decoded
    }

    private static func hexadecimalValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
