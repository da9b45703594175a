/// A JSON value as `JSONScanner` reads it: members in their order, none twice.
enum JSONValue: Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// A fraction, an exponent, or more digits than 64 bits hold: of no use to a token, so its value is not kept.
    case otherNumber
    case string(String)
    case array([JSONValue])
    case object([Member])

    struct Member: Equatable {
        let name: String
        let value: JSONValue
    }

    /// The value of an object's member. Names are compared by bytes: `String`'s `==` takes some different ones for equal.
    subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    var integer: Int64? {
        if case .integer(let number) = self { number } else { nil }
    }
}
