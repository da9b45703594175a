package import Engine
import FoundationEssentials
package import NIOCore

/// Reads request bodies. Wire types are flat structs; members that are `Optional` may be absent or `null`.
package enum JSONBody {
    /// Shared: it is never changed, and making one for each request would cost more than some of the bodies.
    private static let decoder = JSONDecoder()

    /// - Throws: `Problem` 400 for what is no JSON in UTF-8, `EngineError` of code `.invalid` for wrong and missing members.
    package static func decode<Body: Decodable>(_ type: Body.Type, from content: ByteBuffer) throws -> Body {
        try decode(type, from: try tape(content))
    }

    /// - Throws: also 413 for an event that is too large.
    static func decode<Body: Decodable>(_ type: Body.Type, fromEvent content: [UInt8]) throws -> Body {
        guard let tape = JSONTape(content, isMended: true), !tape.root.isSpoiled else { throw Problem.malformedJSON }
        guard tape.root.raw.count <= Limits.eventBytesMax else { throw Problem.eventTooLarge }
        return try decode(type, from: tape)
    }

    /// For the bodies that come most often: what is as it should be is taken off the tape as it is. All else
    /// is decoded, to say what is wrong with it.
    package static func decode<Body: Decodable & TapeReadable>(_ type: Body.Type, from content: ByteBuffer) throws -> Body {
        let tape = try tape(content)
        return try Body(tape.root) ?? decode(type, from: tape)
    }

    /// Foundation's decoder looks at values only when they are asked for: `{"known":1,"unknown":01}` passes it, and it calls a number too
    /// large for a `Double` a syntax error. With the tape before it, malformed is 400 and all that the decoder refuses is 422.
    private static func tape(_ content: ByteBuffer) throws(Problem) -> JSONTape {
        guard let tape = JSONTape(Array(content.readableBytesView)) else { throw Problem.malformedJSON }
        return tape
    }

    private static func decode<Body: Decodable>(_ type: Body.Type, from tape: JSONTape) throws -> Body {
        do {
            return try decoder.decode(type, from: Data(tape.withPlainIntegers))
        } catch let error as DecodingError {
            throw EngineError.invalid([error.violation])
        }
    }
}

/// A body that can be read off a tape without a decoder.
package protocol TapeReadable {
    /// - Returns: nil for anything that a decoder should look at.
    init?(_ root: JSONView)
}
