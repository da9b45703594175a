/// Walks over JSON and says where values stand, without making anything of them.
struct JSONReader {
    private let bytes: [UInt8]
    private var position: Int

    init(_ bytes: [UInt8], at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    var isAtEnd: Bool { position == bytes.count }

    /// Reads a value and the white space on both sides of it.
    /// - Returns: Where the value stands; nil where it is malformed or deeper than the limit.
    mutating func value(depth: Int) -> Range<Int>? {
        skipBlanks()
        let start = position
        guard depth < ConnectorLimits.jsonDepthMax, skipValue(depth: depth) else { return nil }
        let end = position
        skipBlanks()
        return start..<end
    }

    /// The members of the object that begins here, which has been read before; names with their quotation marks.
    mutating func members() -> [(name: Range<Int>, value: Range<Int>)] {
        var members: [(name: Range<Int>, value: Range<Int>)] = []
        position += 1
        skipBlanks()
        while next == UInt8(ascii: "\"") {
            let start = position
            guard skipString() else { break }
            let name = start..<position
            skipBlanks()
            guard skip(":"), let value = value(depth: 0) else { break }
            members.append((name, value))
            guard skip(",") else { break }
            skipBlanks()
        }
        return members
    }

    /// The elements of the array that begins here, which has been read before.
    mutating func elements() -> [Range<Int>] {
        var elements: [Range<Int>] = []
        position += 1
        skipBlanks()
        guard next != UInt8(ascii: "]") else { return [] }
        while let element = value(depth: 0) {
            elements.append(element)
            guard skip(",") else { break }
        }
        return elements
    }

    // MARK: Values

    private mutating func skipValue(depth: Int) -> Bool {
        switch next {
        case UInt8(ascii: "{"): skipObject(depth: depth)
        case UInt8(ascii: "["): skipArray(depth: depth)
        case UInt8(ascii: "\""): skipString()
        case UInt8(ascii: "t"): skip("true")
        case UInt8(ascii: "f"): skip("false")
        case UInt8(ascii: "n"): skip("null")
        default: skipNumber()
        }
    }

    private mutating func skipObject(depth: Int) -> Bool {
        position += 1
        skipBlanks()
        if skip("}") { return true }
        repeat {
            skipBlanks()
            guard skipString() else { return false }
            skipBlanks()
            guard skip(":"), value(depth: depth + 1) != nil else { return false }
        } while skip(",")
        return skip("}")
    }

    private mutating func skipArray(depth: Int) -> Bool {
        position += 1
        skipBlanks()
        if skip("]") { return true }
        repeat {
            guard value(depth: depth + 1) != nil else { return false }
        } while skip(",")
        return skip("]")
    }

    private mutating func skipNumber() -> Bool {
        _ = skip("-")
        if !skip("0"), !skipDigits() { return false }
        if skip("."), !skipDigits() { return false }
        if skip("e") || skip("E") {
            if !skip("+") { _ = skip("-") }
            return skipDigits()
        }
        return true
    }

    private mutating func skipString() -> Bool {
        guard skip("\"") else { return false }
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return true
            case UInt8(ascii: "\\"): guard skipEscape() else { return false }
            case 0..<0x20: return false
            default: continue
            }
        }
        return false
    }

    private mutating func skipEscape() -> Bool {
        guard let byte = next else { return false }
        position += 1
        guard byte == UInt8(ascii: "u") else { return #""\/bfnrt"#.utf8.contains(byte) }
        guard let unit = codeUnit() else { return false }
        // One half of a surrogate pair alone is no character (RFC 8259, section 8.2).
        guard UTF16.isLeadSurrogate(unit) else { return !UTF16.isTrailSurrogate(unit) }
        guard skip("\\u"), let second = codeUnit() else { return false }
        return UTF16.isTrailSurrogate(second)
    }

    /// Four hexadecimal digits.
    private mutating func codeUnit() -> UInt16? {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }

    // MARK: Bytes

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skip(_ text: StaticString) -> Bool {
        let matches = text.withUTF8Buffer { bytes[position...].starts(with: $0) }
        if matches { position += text.utf8CodeUnitCount }
        return matches
    }

    /// At least one.
    private mutating func skipDigits() -> Bool {
        let start = position
        while let byte = next, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte { position += 1 }
        return position > start
    }

    private mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
    }
}
