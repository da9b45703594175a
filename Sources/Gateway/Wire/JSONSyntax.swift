package import NIOCore

/// Whether bytes are JSON (RFC 8259) in UTF-8, nested no deeper than `depthMax`.
///
/// Foundation's decoder looks at values only when they are asked for: `{"known":1,"unknown":01}` passes it, and it calls a number too
/// large for a `Double` a syntax error. With this before it, malformed is 400 and all that the decoder refuses is 422.
package struct JSONSyntax {
    package static let depthMax = 128

    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    /// - Returns: false also for a byte order mark, which RFC 8259 lets a reader refuse, and for halves of surrogate pairs.
    package static func isValid(_ content: ByteBuffer) -> Bool {
        guard (try? UTF8Span(validating: content.readableBytesUInt8Span)) != nil else { return false }
        return content.withUnsafeReadableBytes { bytes in
            var syntax = JSONSyntax(bytes: bytes.assumingMemoryBound(to: UInt8.self))
            guard syntax.skipValue(depth: 0) else { return false }
            syntax.skipBlanks()
            return syntax.next == nil
        }
    }

    private init(bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// The next byte, taken.
    private mutating func take() -> UInt8? {
        defer { position += 1 }
        return next
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func skip(literal: StaticString) -> Bool {
        literal.withUTF8Buffer { $0.allSatisfy { skip($0) } }
    }

    private mutating func skipValue(depth: Int) -> Bool {
        skipBlanks()
        switch next {
        case UInt8(ascii: "{"): return depth < Self.depthMax && skipObject(depth: depth + 1)
        case UInt8(ascii: "["): return depth < Self.depthMax && skipArray(depth: depth + 1)
        case UInt8(ascii: "\""): return skipString()
        case UInt8(ascii: "t"): return skip(literal: "true")
        case UInt8(ascii: "f"): return skip(literal: "false")
        case UInt8(ascii: "n"): return skip(literal: "null")
        default: return skipNumber()
        }
    }

    private mutating func skipObject(depth: Int) -> Bool {
        position += 1
        skipBlanks()
        if skip(UInt8(ascii: "}")) { return true }
        repeat {
            skipBlanks()
            guard skipString() else { return false }
            skipBlanks()
            guard skip(UInt8(ascii: ":")), skipValue(depth: depth) else { return false }
            skipBlanks()
        } while skip(UInt8(ascii: ","))
        return skip(UInt8(ascii: "}"))
    }

    private mutating func skipArray(depth: Int) -> Bool {
        position += 1
        skipBlanks()
        if skip(UInt8(ascii: "]")) { return true }
        repeat {
            guard skipValue(depth: depth) else { return false }
            skipBlanks()
        } while skip(UInt8(ascii: ","))
        return skip(UInt8(ascii: "]"))
    }

    private mutating func skipNumber() -> Bool {
        _ = skip(UInt8(ascii: "-"))
        if !skip(UInt8(ascii: "0")), !skipDigits() { return false }
        if skip(UInt8(ascii: ".")), !skipDigits() { return false }
        if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
            if !skip(UInt8(ascii: "+")) { _ = skip(UInt8(ascii: "-")) }
            return skipDigits()
        }
        return true
    }

    /// At least one.
    private mutating func skipDigits() -> Bool {
        let start = position
        while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
        return position > start
    }

    private mutating func skipString() -> Bool {
        guard skip(UInt8(ascii: "\"")) else { return false }
        while let byte = take() {
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
        switch take() {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return true
        case UInt8(ascii: "u"):
            guard let unit = codeUnit() else { return false }
            guard UTF16.isLeadSurrogate(unit) else { return !UTF16.isTrailSurrogate(unit) }
            guard skip(literal: "\\u"), let second = codeUnit() else { return false }
            return UTF16.isTrailSurrogate(second)
        default:
            return false
        }
    }

    /// Four hexadecimal digits.
    private mutating func codeUnit() -> UInt16? {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = take(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }
}
