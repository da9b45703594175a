/// What is put in the place of text that cannot stand, byte for byte, so that nothing behind it moves.
enum JSONMending {
    /// Puts a question mark in the place of each byte that is not UTF-8.
    /// - Returns: the places.
    static func maskInvalidUTF8(in bytes: inout [UInt8]) -> [Int32] {
        var places: [Int32] = []
        var start = 0
        while start < bytes.count, let bad = firstInvalid(in: bytes, from: start) {
            for place in bad {
                bytes[place] = UInt8(ascii: "?")
                places.append(Int32(place))
            }
            start = bad.upperBound
        }
        return places
    }

    private static func firstInvalid(in bytes: [UInt8], from start: Int) -> Range<Int>? {
        do {
            _ = try UTF8Span(validating: bytes.span.extracting(start..<bytes.count))
            return nil
        } catch {
            let bad = error.byteOffsets
            return (start + bad.lowerBound)..<(start + max(bad.upperBound, bad.lowerBound + 1))
        }
    }

    /// Makes an escaped code unit one of U+FFFD, the replacement character.
    /// - Parameter place: of its four hexadecimal digits.
    static func replaceEscape(at place: Int, in bytes: inout [UInt8]) {
        bytes.replaceSubrange(place..<(place + 4), with: "fffd".utf8)
    }
}
