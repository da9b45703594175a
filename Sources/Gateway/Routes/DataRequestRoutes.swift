import Engine
import FoundationEssentials
import Hummingbird
import NIOCore

/// The register of requests of data subjects.
///
/// | method | path | permission |
/// | --- | --- | --- |
/// | GET, POST | `/api/privacy/requests` | manageRequests |
/// | GET | `/api/privacy/requests/{requestId}` | manageRequests |
/// | POST | `/api/privacy/requests/{requestId}/extension` | manageRequests |
/// | POST | `/api/privacy/requests/{requestId}/completion` | manageRequests |
struct DataRequestRoutes {
    private let requests: DataRequests
    private let idempotency: Idempotency

    init(_ engine: AttuneEngine) {
        (requests, idempotency) = (engine.requests, engine.idempotency)
    }

    func add(to routes: some RouterMethods<TenantContext>) {
        routes.group("api/privacy/requests")
            .get(use: list)
            .post(use: enter)
            .get("{requestId}", use: show)
            .post("{requestId}/extension", use: extend)
            .post("{requestId}/completion", use: complete)
    }

    private func list(_ request: Request, _ context: TenantContext) async throws -> Response {
        try context.scope.authorize(.manageRequests)
        let query = QueryParameters(request.uri.query)
        let limit = try query.integer("limit", default: GatewayLimits.dataRequestsDefault, in: 1...Limits.requestsPerPageMax)
        let status = try query.text("status") ?? "all"
        guard ["all", "open"].contains(status) else { throw EngineError.invalid("/status", "must be all or open") }
        let page = try await requests.page(context.scope, limit: limit, cursor: try query.text("cursor"), openOnly: status == "open")
        return try .encoded(ListAnswer(items: page.items, nextCursor: page.nextCursor))
    }

    private func show(_ request: Request, _ context: TenantContext) async throws -> Response {
        try .encoded(try await requests.request(context.scope, id: context.dataRequestID))
    }

    private func enter(_ request: Request, _ context: TenantContext) async throws -> Response {
        try context.scope.authorize(.manageRequests)
        return try await once(request, context, status: 201) { scope, content in
            let body = try JSONBody.decode(EntryBody.self, from: content)
            let receivedAt = try body.receivedAt.map { text in
                guard let moment = Timestamp(rfc3339: text) else { throw EngineError.invalid("/receivedAt", "must be an RFC 3339 time") }
                return moment
            }
            let user = try body.userId?.userID()
            let entry = DataRequests.Entry(kind: body.type, user: user, regulation: body.regulation, receivedAt: receivedAt)
            return try await requests.enter(scope, entry)
        }
    }

    private func extend(_ request: Request, _ context: TenantContext) async throws -> Response {
        try context.scope.authorize(.manageRequests)
        return try await once(request, context) { scope, content in
            let body = try JSONBody.decode(ExtensionBody.self, from: content)
            return try await requests.extend(scope, id: context.dataRequestID, reason: body.reason)
        }
    }

    private func complete(_ request: Request, _ context: TenantContext) async throws -> Response {
        try context.scope.authorize(.manageRequests)
        return try await once(request, context, needsBody: false) { scope, _ in
            try await requests.complete(scope, id: context.dataRequestID)
        }
    }

    private func once(
        _ request: Request, _ context: TenantContext, status: Int = 200, needsBody: Bool = true,
        _ perform: (Scope, ByteBuffer) async throws -> DataRequestDocument
    ) async throws -> Response {
        let content = try await request.content()
        if needsBody { try request.requireJSON(content) }
        return try await IdempotentCall.once(request, context.scope, about: nil, Array(content.readableBytesView), idempotency) { scope in
            let document = try await perform(scope, content)
            return KeptAnswer(status: status, contentType: "application/json", body: Array(try JSONEncoder().encode(document)))
        }
    }
}

extension TenantContext {
    /// nil where the path's `{requestId}` names no request.
    fileprivate var dataRequestID: DataRequestID? { coreContext.parameters["requestId"].flatMap { DataRequestID($0) } }
}

private struct ListAnswer: Encodable {
    let items: [DataRequestDocument]
    let nextCursor: String?

    /// With the cursor also where it is null.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(items, forKey: .items)
        try container.encode(nextCursor, forKey: .nextCursor)
    }

    private enum CodingKeys: CodingKey {
        case items, nextCursor
    }
}

private struct EntryBody: Decodable {
    let type: String
    let userId: TextOrInteger?
    let regulation: String?
    let receivedAt: String?
}

private struct ExtensionBody: Decodable {
    let reason: String
}
