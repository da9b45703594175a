import Engine
import FoundationEssentials
import Hummingbird
import NIOCore

/// Legal holds.
///
/// | method | path | permission |
/// | --- | --- | --- |
/// | GET, PUT, DELETE | `/api/privacy/users/{userId}/hold` | holdUser |
struct HoldRoutes {
    private let holds: Holds

    init(_ engine: AttuneEngine) {
        holds = engine.holds
    }

    func add(to routes: some RouterMethods<TenantContext>) {
        routes.group("api/privacy/users/{userId}/hold")
            .get(use: show)
            .put(use: place)
            .delete(use: lift)
    }

    private func show(_ request: Request, _ context: TenantContext) async throws -> Response {
        try .encoded(try await holds.hold(context.scope, context.user(.holdUser)))
    }

    private func place(_ request: Request, _ context: TenantContext) async throws -> Response {
        let user = try context.user(.holdUser)
        let body = try JSONBody.decode(HoldBody.self, from: try await request.jsonContent())
        return try .encoded(try await holds.place(context.scope, user, reason: body.reason))
    }

    private func lift(_ request: Request, _ context: TenantContext) async throws -> Response {
        try .encoded(try await holds.lift(context.scope, context.user(.holdUser)))
    }
}

extension Response {
    fileprivate static func encoded(_ hold: Holds.Answer) throws -> Response {
        .json(body: ByteBuffer(bytes: Array(try JSONEncoder().encode(hold))))
    }
}

private struct HoldBody: Decodable {
    let reason: String
}
