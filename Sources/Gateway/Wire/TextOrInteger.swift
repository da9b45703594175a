package import Engine

/// A member that may be written as a string or as an integer, which are then the same: user ids, hours.
package enum TextOrInteger: Decodable, JSONDescribed {
    case text(String)
    case integer(Int64)

    package static var jsonDescription: String { "a string or an integer of 64 bits" }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let integer = try? container.decode(Int64.self) {
            self = .integer(integer)
        } else {
            // The decoder's own error names the last type tried only, and no path where a number is too large for it.
            throw DecodingError.typeMismatch(
                TextOrInteger.self,
                DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "neither a string nor an integer of 64 bits"))
        }
    }

    package var text: String {
        switch self {
        case .text(let text): text
        case .integer(let integer): String(integer)
        }
    }

    /// - Throws: `.invalid` for what no user can be called.
    package func userID(pointer: String = "/userId") throws(EngineError) -> UserID {
        switch self {
        case .text(let text): try UserID(text, pointer: pointer)
        case .integer(let integer): UserID(integer)
        }
    }
}
