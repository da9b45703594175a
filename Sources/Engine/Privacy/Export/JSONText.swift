/// Writes JSON (RFC 8259) piece by piece, as exports need it.
struct JSONText: Sendable {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    mutating func object(_ members: (inout JSONText) -> Void) { enclosed("{", "}", members) }

    mutating func array(_ elements: (inout JSONText) -> Void) { enclosed("[", "]", elements) }

    mutating func array<Values: Sequence>(of values: Values, _ write: (inout JSONText, Values.Element) -> Void) {
        array { json in
            for value in values { write(&json, value) }
        }
    }

    private mutating func enclosed(_ opening: Unicode.Scalar, _ closing: Unicode.Scalar, _ inside: (inout JSONText) -> Void) {
        separate()
        bytes.append(UInt8(ascii: opening))
        needsComma = false
        inside(&self)
        bytes.append(UInt8(ascii: closing))
        needsComma = true
    }

    /// The name of the member whose value comes next.
    mutating func key(_ name: String) {
        separate()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    mutating func value(_ text: String) {
        separate()
        quote(text)
        needsComma = true
    }

    /// A number, a truth value, or JSON that is ready and well-formed.
    mutating func raw(_ text: some Sequence<UInt8>) {
        separate()
        bytes += text
        needsComma = true
    }

    mutating func member(_ name: String, _ text: String) {
        key(name)
        value(text)
    }

    mutating func member(_ name: String, _ number: some FixedWidthInteger) {
        key(name)
        raw(String(number).utf8)
    }

    mutating func member(_ name: String, _ number: Double) {
        key(name)
        raw((number.isFinite ? number.description : "null").utf8)
    }

    mutating func member(_ name: String, _ flag: Bool) {
        key(name)
        raw((flag ? "true" : "false").utf8)
    }

    /// What nobody has said is left out.
    mutating func present(_ name: String, _ text: String) {
        if !text.isEmpty { member(name, text) }
    }

    mutating func member(_ name: String, milliseconds: Int64) { member(name, Timestamp(milliseconds: milliseconds).rfc3339) }

    mutating func member(_ name: String, _ texts: [String]) {
        key(name)
        array(of: texts) { $0.value($1) }
    }

    mutating func member<Values: Sequence>(_ name: String, of values: Values, _ write: (inout JSONText, Values.Element) -> Void) {
        key(name)
        array(of: values, write)
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20: bytes += "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
