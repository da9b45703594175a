/// Walks over the fixed fields of a date.
struct DigitReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: some StringProtocol) {
        bytes = Array(text.utf8)
    }

    var isAtEnd: Bool { position == bytes.count }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func digit() -> Int? {
        guard let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
        position += 1
        return Int(byte - UInt8(ascii: "0"))
    }

    mutating func number(digits: Int) -> Int? {
        var value = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// Milliseconds of an optional fraction; nil for a point without digits.
    mutating func fraction() -> Int? {
        guard skip(".") || skip(",") else { return 0 }
        guard var value = digit() else { return nil }
        var digits = 1
        while let digit = digit() {
            if digits < 3 { value = value * 10 + digit }
            digits += 1
        }
        while digits < 3 {
            value *= 10
            digits += 1
        }
        return value
    }

    /// The bytes that follow, in capital letters; nothing is skipped.
    func startsWith(_ word: StaticString) -> Bool {
        word.withUTF8Buffer { word in
            word.count <= bytes.count - position
                && zip(word, bytes[position...]).allSatisfy { $0 == ($1 >= 0x61 && $1 <= 0x7A ? $1 - 0x20 : $1) }
        }
    }

    mutating func skipWord(_ word: StaticString) -> Bool {
        guard startsWith(word) else { return false }
        position += word.utf8CodeUnitCount
        return true
    }

    /// Seconds east of Greenwich of `Z` or `±hh:mm`; nil for anything else.
    mutating func offsetSeconds() -> Int? {
        if skip("Z") || skip("z") { return 0 }
        let sign = skip("+") ? 1 : skip("-") ? -1 : 0
        guard sign != 0, let hours = number(digits: 2), skip(":"), let minutes = number(digits: 2), hours < 24, minutes < 60
        else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }

    /// Seconds east of Greenwich, as SDKs write offsets: nothing at all and `UTC` are UTC, and `+hh:mm` may also be `+hhmm` or `+hh`,
    /// behind a space, and followed by `UTC` (Go) or by a zone in brackets (Java).
    mutating func looseOffsetSeconds() -> Int? {
        if isAtEnd { return 0 }
        _ = skip(" ")
        if skip("Z") || skip("z") || skipWord("UTC") || skipWord("GMT") { return 0 }
        let sign = skip("+") ? 1 : skip("-") ? -1 : 0
        guard sign != 0, let hours = number(digits: 2), hours < 24 else { return nil }
        var minutes = 0
        if skip(":") || next.map({ (0x30...0x39).contains($0) }) ?? false {
            guard let some = number(digits: 2), some < 60 else { return nil }
            minutes = some
        }
        if skip(" ") { guard skipWord("UTC") || skipWord("GMT") else { return nil } }
        if next == UInt8(ascii: "["), bytes.last == UInt8(ascii: "]") { position = bytes.count }
        return sign * (hours * 3600 + minutes * 60)
    }
}
