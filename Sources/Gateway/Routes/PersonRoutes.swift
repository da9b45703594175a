import Engine
import Hummingbird
import NIOCore

/// A person's whole profile.
///
/// | method | path | permission |
/// | --- | --- | --- |
/// | GET | `/api/profiles/{userId}` | readPerson |
/// | PATCH | `/api/profiles/{userId}` | rectifyUser |
/// | DELETE | `/api/profiles/{userId}` | eraseUser |
struct PersonRoutes {
    private let engine: AttuneEngine

    init(_ engine: AttuneEngine) {
        self.engine = engine
    }

    func add(to routes: some RouterMethods<TenantContext>) {
        routes.get("api/profiles/{userId}", use: person)
        routes.patch("api/profiles/{userId}", use: rectify)
        routes.delete("api/profiles/{userId}", use: erase)
    }

    private func person(_ request: Request, _ context: TenantContext) async throws -> Response {
        let person = try await engine.persons.person(context.scope, try context.user(.readPerson))
        // Never 304: the tag, for `If-Match`, is of what a rectification changes, and consent and behaviour are shown beside it.
        return .json(tag: person.tag, body: ByteBuffer(bytes: person.json))
    }

    private func rectify(_ request: Request, _ context: TenantContext) async throws -> Response {
        let user = try context.user(.rectifyUser)
        let content = try await request.content()
        try request.requireJSON(content, or: "application/merge-patch+json")
        guard let tape = JSONTape(Array(content.readableBytesView)) else { throw Problem.malformedJSON }
        let rectified = try await engine.persons.rectify(
            context.scope, user, try PersonChange(tape.root), if: EntityTag.precondition(of: request.headers))
        var response = Response.json(tag: rectified.person.tag, body: ByteBuffer(bytes: rectified.person.json))
        response.headers[.receiptID] = rectified.receiptID
        return response
    }

    private func erase(_ request: Request, _ context: TenantContext) async throws -> Response {
        try .encoded(try await engine.erasures.erase(context.scope, try context.user(.eraseUser)))
    }
}
