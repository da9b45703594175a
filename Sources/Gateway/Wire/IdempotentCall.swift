package import Engine
package import HTTPTypes
import Hummingbird
import NIOCore

/// A POST that changes something, done once however often it is sent with the same `Idempotency-Key`.
///
/// Without the header it is an ordinary call. With it the engine keeps the answer together with the effect.
package struct IdempotentCall {
    let idempotency: Idempotency
    /// The answer when the call succeeds; the engine commits it with the effect.
    let success: KeptAnswer

    /// - Parameters:
    ///   - user: Whom the request is about: the kept answer is erased with them.
    ///   - perform: Decodes the body and calls the engine with the given scope, which carries the key.
    func answer(
        _ request: Request,
        _ context: TenantContext,
        about user: AuthorizedUser?,
        perform: (Scope, ByteBuffer) async throws -> Void
    ) async throws -> Response {
        let content = try await request.content()
        guard let key = try Self.key(of: request.headers) else {
            try await perform(context.scope, content)
            return success.response
        }
        let identity = IdempotentRequest(
            key: key, method: request.method.rawValue, path: request.uri.path, body: Array(content.readableBytesView))
        switch try await idempotency.begin(context.scope, about: user, identity, success: success) {
        case .replay(let answer):
            var response = answer.response
            response.headers.append(HTTPField(name: .idempotencyReplayed, value: "true"))
            return response
        case .proceed(let scope):
            return try await run(in: scope, content: content, perform)
        }
    }

    private func run(
        in scope: Scope, content: ByteBuffer, _ perform: (Scope, ByteBuffer) async throws -> Void
    ) async throws -> Response {
        do {
            try await perform(scope, content)
        } catch {
            // Which refusals are kept is the engine's to say. Of a user who does not allow it, not even a refusal is kept.
            let isConsentMissing = (error as? EngineError)?.isPersonalizationRefusal ?? false
            await idempotency.finish(scope, answer: isConsentMissing ? nil : Problem(error).answer)
            throw error
        }
        await idempotency.finish(scope, answer: success)
        return success.response
    }

    /// A call whose answer is known only when it has succeeded: with an `Idempotency-Key` the first answer is kept.
    /// - Parameter perform: has the same effect however often it is called, or keeps its answer with it.
    static func once(
        _ request: Request, _ scope: Scope, about user: AuthorizedUser?, _ content: [UInt8], _ idempotency: Idempotency,
        _ perform: (Scope) async throws -> KeptAnswer
    ) async throws -> Response {
        guard let key = try key(of: request.headers) else { return try await perform(scope).response }
        let identity = IdempotentRequest(key: key, method: request.method.rawValue, path: request.uri.path, body: content)
        switch try await idempotency.begin(scope, about: user, identity, success: .accepted) {
        case .replay(let answer):
            var response = answer.response
            response.headers.append(HTTPField(name: .idempotencyReplayed, value: "true"))
            return response
        case .proceed(let claimed):
            let answer: KeptAnswer
            do {
                answer = try await perform(claimed)
            } catch {
                await idempotency.finish(claimed, answer: Problem(error).answer)
                throw error
            }
            try await idempotency.finish(claimed, keeping: answer)
            return answer.response
        }
    }

    /// The header's value; nil without one.
    package static func key(of headers: HTTPFields) throws(EngineError) -> String? {
        guard let key = headers[.idempotencyKey] else { return nil }
        guard (1...Limits.idempotencyKeyBytesMax).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw .invalid("/Idempotency-Key", "must be 1 to 256 visible ASCII characters") }
        return key
    }
}
