package import NIOCore

/// Writes JSON (RFC 8259) into memory.
///
/// The hot answers are written with it: Foundation's encoder costs 20 to 100 µs for a profile, this a few. It collects plain bytes,
/// because every write to a `ByteBuffer` checks its bounds and owner anew; the buffer is made once, at the end.
package struct JSONWriter {
    private var bytes: [UInt8] = []
    /// Whether what comes next follows another value in the same array or object.
    private var needsComma = false

    package init(capacityBytes: Int = 512) {
        bytes.reserveCapacity(capacityBytes)
    }

    /// What has been written.
    package var buffer: ByteBuffer { ByteBuffer(bytes: bytes) }

    // MARK: Structure

    package mutating func object(_ members: (inout JSONWriter) -> Void) {
        open(UInt8(ascii: "{"))
        members(&self)
        close(UInt8(ascii: "}"))
    }

    package mutating func array(_ elements: (inout JSONWriter) -> Void) {
        open(UInt8(ascii: "["))
        elements(&self)
        close(UInt8(ascii: "]"))
    }

    package mutating func array<Values: Sequence>(of values: Values, _ write: (inout JSONWriter, Values.Element) -> Void) {
        open(UInt8(ascii: "["))
        for value in values { write(&self, value) }
        close(UInt8(ascii: "]"))
    }

    /// The name of the member whose value is written next.
    /// - Parameter name: Plain ASCII, nothing to escape.
    package mutating func key(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        append(name)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// A member whose name comes from outside.
    package mutating func member(named name: String, raw text: [UInt8]) {
        value(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
        raw(text)
    }

    package mutating func member(named name: String, _ text: String) {
        value(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
        value(text)
    }

    package mutating func member(named name: String, _ number: Double) {
        value(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
        value(number)
    }

    // MARK: Values

    /// JSON that is known to be well-formed.
    package mutating func raw(_ text: [UInt8]) {
        separate()
        bytes.append(contentsOf: text)
        needsComma = true
    }

    package mutating func value(_ text: String) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { writeEscaped($0) }
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    package mutating func value(_ number: some FixedWidthInteger) {
        separate()
        bytes.append(contentsOf: String(number).utf8)
        needsComma = true
    }

    /// The shortest text that reads back as the same number. JSON has no text for what is not finite: `null`.
    package mutating func value(_ number: Double) {
        guard number.isFinite else { return null() }
        separate()
        bytes.append(contentsOf: number.description.utf8)
        needsComma = true
    }

    package mutating func value(_ flag: Bool) {
        separate()
        append(flag ? "true" : "false")
        needsComma = true
    }

    package mutating func null() {
        separate()
        append("null")
        needsComma = true
    }

    /// Text that is known to hold nothing to escape, such as a time.
    package mutating func plainValue(_ text: String) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: text.utf8)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    // MARK: Bytes

    private mutating func append(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    /// Copies runs that need no escape as they are.
    private mutating func writeEscaped(_ text: UnsafeBufferPointer<UInt8>) {
        var start = 0
        for (position, byte) in text.enumerated() where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<position]))
            writeEscape(of: byte)
            start = position + 1
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start...]))
    }

    private mutating func writeEscape(of byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case 0x08: append("\\b")
        case 0x09: append("\\t")
        case 0x0A: append("\\n")
        case 0x0C: append("\\f")
        case 0x0D: append("\\r")
        default:
            append("\\u00")
            bytes.append(Self.hexadecimal(byte >> 4))
            bytes.append(Self.hexadecimal(byte & 0x0F))
        }
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
}
