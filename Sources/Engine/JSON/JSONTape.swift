/// A JSON text (RFC 8259, UTF-8) taken apart once: where each value begins and ends, in the order of the text.
///
/// For bodies with many events, of which most members are looked at once or kept as they are: Foundation's decoder costs 25 µs for an
/// event with a nested object and cannot hand out the bytes of a member; this costs about 2 µs.
package final class JSONTape: Sendable {
    package enum Kind: UInt8, Sendable {
        case object, array, string, number, yes, no, null
    }

    struct Node: Sendable {
        let kind: Kind
        /// Whether a string holds escapes.
        var isEscaped = false
        /// Whether a string held half of a surrogate pair, which is U+FFFD now.
        var isMended = false
        /// Of a string: inside the quotes.
        let start: Int32
        var end: Int32 = 0
        /// The node behind this one and all that it holds.
        var next: Int32 = 0
    }

    package static let depthMax = 128

    /// The text; mended where it was read so.
    package let bytes: [UInt8]
    let nodes: [Node]
    /// Whether a number is written with a point or an exponent.
    let hasDecimals: Bool
    /// Where something stands that spoils the value around it and nothing else; only of a text that is mended.
    private let faults: [Int32]

    /// - Parameters:
    ///   - valuesMax: how many values and names of members it may have: each takes 16 bytes.
    ///   - isMended: whether one bad value among many spares the others, as in a batch of events. Half of a surrogate pair, which
    ///     browsers write as `\ud83d` where a text was cut inside an emoji, becomes U+FFFD. What is not UTF-8 or is nested too deeply is
    ///     found by `JSONView.isSpoiled` of each value that it stands in.
    /// - Returns: nil for what is no JSON, or is larger than 2 GB; where nothing is mended, also for half of a surrogate pair and for what
    ///   is nested deeper than `depthMax`.
    package init?(_ bytes: [UInt8], isMended: Bool = false, valuesMax: Int = .max) {
        guard bytes.count < Int(Int32.max) else { return nil }
        var (bytes, faults) = (bytes, [Int32]())
        if (try? UTF8Span(validating: bytes.span)) == nil {
            guard isMended else { return nil }
            faults = JSONMending.maskInvalidUTF8(in: &bytes)
        }
        let scanner: JSONTapeScanner? = bytes.withUnsafeBufferPointer { buffer in
            var scanner = JSONTapeScanner(buffer, isMending: isMended, valuesMax: valuesMax)
            return scanner.scanAll() ? scanner : nil
        }
        guard let scanner else { return nil }
        for place in scanner.loneSurrogates { JSONMending.replaceEscape(at: place, in: &bytes) }
        self.bytes = bytes
        self.faults = faults + scanner.tooDeep
        nodes = scanner.nodes
        hasDecimals = scanner.hasDecimals
    }

    /// How many faults stand between two places.
    func faults(in range: Range<Int32>) -> Int { faults.isEmpty ? 0 : faults.count { range.contains($0) } }

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

    /// nil for what is no integer of 64 bits. `17.0` and `1.7e1` are 17 (JSON Schema 2020-12, validation, 6.1.1).
    package var integer: Int64? { kind == .number ? JSONInteger.value(raw) : nil }

    /// Whether something in here cannot be read; see `JSONTape.init`.
    package var isSpoiled: Bool { faults > 0 }

    /// How many such things there are.
    package var faults: Int { tape.faults(in: node.start..<(node.end + 1)) }

    /// Whether a string lost half of a surrogate pair.
    var isMended: Bool { node.isMended }

    /// The value as an object. PHP writes an object without members as `[]`, so that an empty array is one.
    package var object: JSONView? { kind == .object || kind == .array && Int(node.next) == index + 1 && !isSpoiled ? self : nil }

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
