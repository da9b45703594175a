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
            throw EngineError.invalid([error.violation])
        }
    }
}
