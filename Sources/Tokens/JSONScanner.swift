/// Reads one JSON object strictly (RFC 8259): well-formed UTF-8, no duplicate members at any depth, nothing after its end.
///
/// Written for tokens because the usual decoders keep the last of two equal members, where another verifier keeps the first.
struct JSONScanner {
    static let depthMax = 8
    static let membersMax = 64

    private let bytes: [UInt8]
    private var position = 0

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// - Throws: `malformed` or `duplicateMember`.
    static func object(_ bytes: [UInt8]) throws(TokenError) -> JSONValue {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw malformed }
        var scanner = JSONScanner(bytes)
        let value = try scanner.value(depth: 0)
        guard case .object = value, scanner.position == bytes.count else { throw malformed }
        return value
    }

    private static var malformed: TokenError { TokenError(.malformed, "read JSON") }

    /// Reads a value and the white space on both sides of it.
    private mutating func value(depth: Int) throws(TokenError) -> JSONValue {
        guard depth < Self.depthMax else { throw Self.malformed }
        skipWhiteSpace()
        let value: JSONValue
        switch peek {
        case UInt8(ascii: "{"): value = try object(depth: depth)
        case UInt8(ascii: "["): value = try array(depth: depth)
        case UInt8(ascii: "\""): value = .string(try string())
        case UInt8(ascii: "t"): value = try literal("true", .bool(true))
        case UInt8(ascii: "f"): value = try literal("false", .bool(false))
        case UInt8(ascii: "n"): value = try literal("null", .null)
        default: value = try number()
        }
        skipWhiteSpace()
        return value
    }

    private mutating func object(depth: Int) throws(TokenError) -> JSONValue {
        position += 1
        skipWhiteSpace()
        var members: [JSONValue.Member] = []
        if take("}") { return .object(members) }
        repeat {
            skipWhiteSpace()
            let name = try string()
            skipWhiteSpace()
            guard take(":"), members.count < Self.membersMax else { throw Self.malformed }
            guard !members.contains(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
                throw TokenError(.duplicateMember, "read JSON")
            }
            members.append(.init(name: name, value: try value(depth: depth + 1)))
        } while take(",")
        guard take("}") else { throw Self.malformed }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(TokenError) -> JSONValue {
        position += 1
        skipWhiteSpace()
        var elements: [JSONValue] = []
        if take("]") { return .array(elements) }
        repeat {
            guard elements.count < Self.membersMax else { throw Self.malformed }
            elements.append(try value(depth: depth + 1))
        } while take(",")
        guard take("]") else { throw Self.malformed }
        return .array(elements)
    }

    private mutating func string() throws(TokenError) -> String {
        guard take("\"") else { throw Self.malformed }
        var text: [UInt8] = []
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try text.append(contentsOf: escape())
            case 0..<0x20: throw Self.malformed
            default: text.append(byte)
            }
        }
        throw Self.malformed
    }

    private mutating func escape() throws(TokenError) -> [UInt8] {
        guard let byte = peek else { throw Self.malformed }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0c]
        case UInt8(ascii: "n"): return [0x0a]
        case UInt8(ascii: "r"): return [0x0d]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return Array(String(try escapedScalar()).utf8)
        default: throw Self.malformed
        }
    }

    /// Reads what follows `\u`; a surrogate must be one half of a pair (RFC 8259, section 7).
    private mutating func escapedScalar() throws(TokenError) -> Unicode.Scalar {
        var code = try fourHexadecimalDigits()
        if 0xd800..<0xdc00 ~= code {
            guard take("\\"), take("u") else { throw Self.malformed }
            let low = try fourHexadecimalDigits()
            guard 0xdc00..<0xe000 ~= low else { throw Self.malformed }
            code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw Self.malformed }
        return scalar
    }

    private mutating func fourHexadecimalDigits() throws(TokenError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw Self.malformed }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }

    private mutating func number() throws(TokenError) -> JSONValue {
        let start = position
        _ = take("-")
        let firstDigit = position
        guard skipDigits(), position == firstDigit + 1 || bytes[firstDigit] != UInt8(ascii: "0") else { throw Self.malformed }
        let integerEnd = position
        if take(".") {
            guard skipDigits() else { throw Self.malformed }
        }
        if take("e") || take("E") {
            _ = take("+") || take("-")
            guard skipDigits() else { throw Self.malformed }
        }
        guard position == integerEnd, let number = Int64(String(decoding: bytes[start..<position], as: UTF8.self)) else {
            return .otherNumber
        }
        return .integer(number)
    }

    private mutating func literal(_ text: StaticString, _ value: JSONValue) throws(TokenError) -> JSONValue {
        let expected = text.withUTF8Buffer { Array($0) }
        guard bytes[position...].starts(with: expected) else { throw Self.malformed }
        position += expected.count
        return value
    }

    private var peek: UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// Whether there was at least one.
    private mutating func skipDigits() -> Bool {
        let start = position
        while let byte = peek, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte { position += 1 }
        return position > start
    }

    private mutating func skipWhiteSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
    }
}
