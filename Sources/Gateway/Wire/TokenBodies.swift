import Engine
import Hummingbird
import NIOCore

/// Bodies of the routes under `/api/tokens`; `Schemas/openapi.yaml` describes them.

struct MintTokenBody: Decodable {
    let userId: TextOrInteger
    let scope: String?
    let ttlSeconds: Int?
}

/// JSON or a form, as RFC 7009 and RFC 7662 have it.
struct TokenBody: Decodable {
    let token: String

    static func read(_ content: ByteBuffer, of request: Request) throws -> TokenBody {
        guard content.readableBytes > 0 else { throw Problem.emptyBody }
        switch ContentType(request.headers) {
        case .json: return try JSONBody.decode(TokenBody.self, from: content)
        case .form: return try TokenBody(form: content)
        case .other: throw Problem.unsupportedMediaType
        }
    }

    private init(form content: ByteBuffer) throws {
        guard let form = String(validating: content.readableBytesView, as: UTF8.self) else {
            throw EngineError.invalid("", "is not UTF-8")
        }
        guard let token = try QueryParameters(form).text("token") else { throw EngineError.invalid("/token", "is missing") }
        self.token = token
    }
}
