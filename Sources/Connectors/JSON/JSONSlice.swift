import FoundationEssentials

/// A value inside a JSON document that knows where it stands, so that it can be handed on byte for byte.
///
/// A decoder would read a value and write it anew, with its numbers rounded and its members in another order.
package struct JSONSlice: Sendable {
    private let document: [UInt8]
    private let range: Range<Int>

    /// - Returns: nil for what is not JSON (RFC 8259) in UTF-8, or nested too deeply.
    package init?(_ document: [UInt8]) {
        guard String(validating: document, as: UTF8.self) != nil else { return nil }
        var reader = JSONReader(document)
        guard let range = reader.value(depth: 0), reader.isAtEnd else { return nil }
        self.init(document: document, range: range)
    }

    private init(document: [UInt8], range: Range<Int>) {
        self.document = document
        self.range = range
    }

    package var bytes: [UInt8] { Array(document[range]) }

    package var isObject: Bool { document[range.lowerBound] == UInt8(ascii: "{") }

    package var isNull: Bool { document[range.lowerBound] == UInt8(ascii: "n") }

    /// The value of an object's member.
    /// - Parameter name: Nothing to escape. A member whose name is written with escapes is not found: no service does that.
    /// - Returns: nil where this is no object, has no such member, or has it twice.
    package subscript(name: String) -> JSONSlice? {
        guard isObject else { return nil }
        var reader = JSONReader(document, at: range.lowerBound)
        let found = reader.members().filter { document[$0.name].dropFirst().dropLast().elementsEqual(name.utf8) }
        return found.count == 1 ? JSONSlice(document: document, range: found[0].value) : nil
    }

    /// An array's elements; nil where this is none.
    package var elements: [JSONSlice]? {
        guard document[range.lowerBound] == UInt8(ascii: "[") else { return nil }
        var reader = JSONReader(document, at: range.lowerBound)
        return reader.elements().map { JSONSlice(document: document, range: $0) }
    }

    package var string: String? {
        guard document[range.lowerBound] == UInt8(ascii: "\"") else { return nil }
        return try? JSONDecoder().decode(String.self, from: Data(document[range]))
    }

    /// A whole number without a fraction or an exponent.
    package var integer: Int? {
        Int(String(decoding: document[range], as: UTF8.self))
    }
}
