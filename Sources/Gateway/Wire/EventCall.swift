import Engine
package import HTTPTypes
import Hummingbird
import NIOCore

/// A request that carries events: who sends them, what they are, what became of them.
///
/// These routes stand outside of the authenticated group, since the key may be in the body.
struct EventCall: Sendable {
    let engine: AttuneEngine
    let limiter: EventLimiter

    /// What a handler works with.
    struct Incoming: Sendable {
        let scope: Scope
        let root: JSONView
        let circumstances: EventIntake.Circumstances
    }

    /// - Parameter read: says which events there are, and what to answer.
    func answer(
        _ request: Request, _ context: GatewayContext,
        _ read: (Incoming) throws -> EventsOnce
    ) async throws -> Response {
        // Whoever is not let in costs no reading, no decompressing and no parsing.
        let isKeyInBody = request.headers[.authorization] == nil
        let early = isKeyInBody ? nil : try admit(try Credential.read(from: request.headers), request, context)
        let content = try await request.eventContent()
        guard !content.isEmpty else { throw Problem.emptyBody }
        try Self.checkType(request.headers)
        let tape = JSONTape(content, isMended: true)
        let scope = try early ?? admit(tape?.root.member("writeKey")?.string ?? "", request, context)
        guard let tape else { throw Problem.malformedJSON }
        guard tape.root.kind == .object else { throw EngineError.invalid("", "must be an object") }
        let incoming = Incoming(scope: scope, root: tape.root, circumstances: try EventIntake.Circumstances(request))
        return try await EventsOnce.answer(request, scope, content, incoming.circumstances, engine) {
            do {
                return try read(incoming)
            } catch {
                // As it is kept for the key, and told again.
                throw Problem(error).forTracking
            }
        }
    }

    /// Browsers send `text/plain` so that no preflight is needed.
    private static func checkType(_ headers: HTTPFields) throws {
        guard let value = headers[.contentType] else { return }
        let type = value.prefix { $0 != ";" }.trimmed.lowercased()
        guard ["application/json", "text/plain", ""].contains(type) else {
            throw Problem.unsupportedMediaType
        }
    }

    /// - Parameter credential: of the header, or of the body's `writeKey`; one place is enough.
    private func admit(_ credential: String, _ request: Request, _ context: GatewayContext) throws -> Scope {
        guard !credential.isEmpty else { throw EngineError(.unauthenticated, "This route needs a credential.") }
        let scope = try engine.access.authenticate(credential)
        try limiter.admit(scope, address: context.address)
        try scope.authorize(.sendEvents)
        try engine.access.checkOrigin(request.headers[.origin], of: scope)
        return scope
    }
}

extension EventIntake.Circumstances {
    /// - Throws: 400 for an `Idempotency-Key` that is none.
    init(_ request: Request) throws {
        self.init()
        userAgent = request.headers[.userAgent] ?? ""
        isOptedOut = request.headers.hasGlobalPrivacyControl
        idempotencyKey = try IdempotentCall.key(of: request.headers)
        route = [request.method.rawValue, request.uri.path]
    }
}

extension HTTPFields {
    /// Whether `Sec-GPC` (Global Privacy Control, section 3.2) says `1`, also where it comes twice, or joined to a list by a proxy: in
    /// doubt the person has opted out.
    package var hasGlobalPrivacyControl: Bool {
        // The subscript joins fields of one name by commas.
        guard let value = self[.globalPrivacyControl] else { return false }
        return value.split(separator: ",").contains { $0.trimmed == "1" }
    }
}

extension KeptAnswer {
    init(_ status: HTTPResponse.Status, _ write: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        write(&writer)
        self.init(status: status.code, contentType: "application/json", body: Array(writer.buffer.readableBytesView))
    }
}
