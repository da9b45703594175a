/// A JSON text (RFC 8259, UTF-8) taken apart once: where each value begins and ends, in the order of the text.
///
/// For bodies with many events, of which most members are looked at once or kept as they are: Foundation's decoder costs 25 µs for an event
/// with a nested object and cannot hand out the bytes of a member; this costs about 2 µs.
package final class JSONTape: Sendable {
    package enum Kind: UInt8, Sendable {
        case object, array, string, number, yes, no, null
    }

    struct Node: Sendable {
        let kind: Kind
        /// Whether a string holds escapes.
        var isEscaped = false
        /// Of a string: inside the quotes.
        let start: Int32
        var end: Int32 = 0
        /// The node behind this one and all that it holds.
        var next: Int32 = 0
    }

    package static let depthMax = 128

    package let bytes: [UInt8]
    let nodes: [Node]

    /// - Parameter valuesMax: how many values and names of members it may have: each takes 16 bytes.
    /// - Returns: nil for what is no JSON, or is nested deeper than `depthMax`, or is larger than 2 GB.
    package init?(_ bytes: [UInt8], valuesMax: Int = .max) {
        guard bytes.count < Int(Int32.max), (try? UTF8Span(validating: bytes.span)) != nil else { return nil }
        let nodes: [Node]? = bytes.withUnsafeBufferPointer { buffer in
            var scanner = JSONTapeScanner(buffer, valuesMax: valuesMax)
            return scanner.scanAll() ? scanner.nodes : nil
        }
        guard let nodes else { return nil }
        self.bytes = bytes
        self.nodes = nodes
    }

    package var root: JSONView { JSONView(tape: self, index: 0) }
}

/// A value of a tape.
package struct JSONView: Sendable {
    let tape: JSONTape
    let index: Int

    private var node: JSONTape.Node { tape.nodes[index] }

    package var kind: JSONTape.Kind { node.kind }
    package var isNull: Bool { kind == .null }

    /// The bytes of the value as they stand in the text.
    package var raw: ArraySlice<UInt8> {
        let isString = kind == .string
        return tape.bytes[(Int(node.start) - (isString ? 1 : 0))..<(Int(node.end) + (isString ? 1 : 0))]
    }

    /// nil for what is no string.
    package var string: String? {
        guard kind == .string else { return nil }
        let inside = tape.bytes[Int(node.start)..<Int(node.end)]
        return node.isEscaped ? JSONEscapes.resolve(inside) : String(decoding: inside, as: UTF8.self)
    }

    /// nil for what is no number.
    package var number: Double? { kind == .number ? Double(String(decoding: raw, as: UTF8.self)) : nil }

    /// nil for what is no integer of 64 bits.
    package var integer: Int64? { kind == .number ? Int64(String(decoding: raw, as: UTF8.self)) : nil }

    package var bool: Bool? {
        switch kind {
        case .yes: true
        case .no: false
        default: nil
        }
    }

    /// Calls `body` with the members of an object in their order; with none for what is no object.
    package func forEachMember<Failure: Error>(_ body: (String, JSONView) throws(Failure) -> Void) throws(Failure) {
        guard kind == .object else { return }
        var place = index + 1
        while place < Int(node.next) {
            let name = JSONView(tape: tape, index: place)
            try body(name.string ?? "", JSONView(tape: tape, index: place + 1))
            place = Int(tape.nodes[place + 1].next)
        }
    }

    /// The elements of an array; none for what is no array.
    package var elements: [JSONView] {
        guard kind == .array else { return [] }
        var found: [JSONView] = []
        var place = index + 1
        while place < Int(node.next) {
            found.append(JSONView(tape: tape, index: place))
            place = Int(tape.nodes[place].next)
        }
        return found
    }

    /// The last member of that name that is not null.
    package func member(_ name: String) -> JSONView? {
        var found: JSONView?
        forEachMember { if $0 == name { found = $1 } }
        return found.flatMap { $0.isNull ? nil : $0 }
    }
}

/// Backslash escapes (RFC 8259, 7), known to be well-formed.
enum JSONEscapes {
    static func resolve(_ text: ArraySlice<UInt8>) -> String {
        var units: [UInt16] = []
        var resolved = ""
        var plain: [UInt8] = []
        var place = text.startIndex
        func flush() {
            if !units.isEmpty { resolved += String(decoding: units, as: UTF16.self) }
            units = []
            if !plain.isEmpty { resolved += String(decoding: plain, as: UTF8.self) }
            plain = []
        }
        while place < text.endIndex {
            guard text[place] == UInt8(ascii: "\\") else {
                if !units.isEmpty { flush() }
                plain.append(text[place])
                place += 1
                continue
            }
            let escape = text[place + 1]
            place += 2
            guard escape == UInt8(ascii: "u") else {
                if !units.isEmpty { flush() }
                plain.append(byte(of: escape))
                continue
            }
            if units.isEmpty { flush() }
            units.append(UInt16(String(decoding: text[place..<(place + 4)], as: UTF8.self), radix: 16) ?? 0xFFFD)
            place += 4
        }
        flush()
        return resolved
    }

    private static func byte(of escape: UInt8) -> UInt8 {
        switch escape {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "t"): 0x09
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "r"): 0x0D
        default: escape
        }
    }
}
