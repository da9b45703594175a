package import Engine

/// A member that may be written as a string or as an integer, which are then the same: user ids, hours.
package enum TextOrInteger: Decodable {
    case text(String)
    case integer(Int64)

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            self = .text(try container.decode(String.self))
        } catch DecodingError.typeMismatch {
            self = .integer(try container.decode(Int64.self))
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
