import Engine
import FoundationEssentials
package import NIOCore

/// Reads request bodies. Wire types are flat structs; members that are `Optional` may be absent or `null`.
package enum JSONBody {
    /// Shared: it is never changed, and making one for each request would cost more than some of the bodies.
    private static let decoder = JSONDecoder()

    /// - Throws: `Problem` 400 for what is no JSON in UTF-8, `EngineError` of code `.invalid` for wrong and missing members.
    package static func decode<Body: Decodable>(_ type: Body.Type, from content: ByteBuffer) throws -> Body {
        guard JSONSyntax.isValid(content) else { throw Problem.malformedJSON }
        do {
            return try decoder.decode(type, from: Data(content.readableBytesView))
        } catch let error as DecodingError {
            throw explain(error)
        }
    }

    private static func explain(_ error: DecodingError) -> any Error {
        switch error {
        case .keyNotFound(let key, let context):
            return EngineError.invalid(pointer(to: context.codingPath + [key]), "is missing")
        case .valueNotFound(_, let context):
            return EngineError.invalid(pointer(to: context.codingPath), "must not be null")
        case .typeMismatch(let type, let context):
            return EngineError.invalid(pointer(to: context.codingPath), "must be \(name(of: type))")
        case .dataCorrupted(let context):
            // The syntax has been checked: what is left are numbers that no type of ours can hold.
            return EngineError.invalid(pointer(to: context.codingPath), "is out of range")
        @unknown default:
            return EngineError.invalid("", "is not what this route takes")
        }
    }

    /// JSON Pointer (RFC 6901).
    private static func pointer(to path: [any CodingKey]) -> String {
        path.map { key in
            "/" + (key.intValue.map { String($0) } ?? key.stringValue.replacing("~", with: "~0").replacing("/", with: "~1"))
        }.joined()
    }

    private static func name(of type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Bool.Type: "true or false"
        case is Double.Type: "a number"
        case is Int.Type, is Int64.Type: "an integer"
        case is TextOrInteger.Type: "a string or an integer of 64 bits"
        case is any ExpressibleByArrayLiteral.Type: "an array"
        default: "an object"
        }
    }
}
