import Engine
import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore

/// What a person, and who acts for one, may ask for.
///
/// | method | path | permission |
/// | --- | --- | --- |
/// | GET | `/api/privacy/users/{userId}/export` | exportUser |
/// | DELETE | `/api/privacy/users/{userId}` | eraseUser |
/// | PUT | `/api/privacy/users/{userId}/restriction` | restrictUser |
/// | POST | `/api/privacy/users/{userId}/link` (keeps nothing) | manageRequests |
/// | POST | `/api/profiles/{userId}/anonymize` | eraseUser |
/// | GET | `/api/privacy/receipts/{receiptId}` | readReceipts |
/// | POST | `/api/privacy/receipts/verify` | readReceipts |
/// | GET | `/api/privacy/audit`, `/api/privacy/audit/consistency` | readAudit |
/// | GET | `/api/privacy/exposure` | readExposure |
/// | GET | `/api/privacy/processing-records` | readProcessing |
/// | POST | `/regulations` | manageRegulations |
/// | GET | `/regulations/{regulationId}` | manageRegulations |
struct PrivacyRoutes {
    private let engine: AttuneEngine
    private let idempotency: Idempotency

    init(_ engine: AttuneEngine) {
        self.engine = engine
        idempotency = engine.idempotency
    }

    func add(to routes: some RouterMethods<TenantContext>) {
        routes.group("api/privacy")
            .get("users/{userId}/export", use: export)
            .delete("users/{userId}", use: erase)
            .put("users/{userId}/restriction", use: restrict)
            .post("users/{userId}/link", use: link)
            .get("receipts/{receiptId}", use: receipt)
            .post("receipts/verify", use: verify)
            .get("audit", use: audit)
            .get("audit/consistency", use: consistency)
            .get("exposure", use: exposure)
            .get("processing-records", use: processing)
        routes.post("api/profiles/{userId}/anonymize", use: anonymize)
        routes.post("regulations", use: regulate)
        routes.get("regulations/{regulationId}", use: regulation)
    }

    // MARK: Rights

    private func erase(_ request: Request, _ context: TenantContext) async throws -> Response {
        let user = try context.user(.eraseUser)
        return try .encoded(try await engine.erasures.erase(context.scope, user))
    }

    private func anonymize(_ request: Request, _ context: TenantContext) async throws -> Response {
        let user = try context.user(.eraseUser)
        return try await once(request, context) { scope, _ in try await engine.erasures.erase(scope, user, .anonymization) }
    }

    private func restrict(_ request: Request, _ context: TenantContext) async throws -> Response {
        let user = try context.user(.restrictUser)
        let body = try JSONBody.decode(RestrictionBody.self, from: try await request.jsonContent())
        return try .encoded(try await engine.restrictions.restrict(context.scope, user, body.restricted))
    }

    private func link(_ request: Request, _ context: TenantContext) async throws -> Response {
        // A user's own token makes no other that outlives it.
        try context.scope.authorize(.manageRequests)
        let user = try context.user(.exportUser)
        let body = try JSONBody.decode(LinkBody.self, from: try await request.jsonContent())
        let link = try engine.tokens.link(context.scope, user: user.id, scopes: body.scope, ttlSeconds: body.ttlSeconds)
        return .json(.created) { json in
            json.object { json in
                json.member("url", link.url)
                json.member("expiresAt", link.expiresAt.rfc3339)
            }
        }
    }

    private func export(_ request: Request, _ context: TenantContext) async throws -> Response {
        let user = try context.user(.exportUser)
        let name = try QueryParameters(request.uri.query).text("format") ?? ExportFormat.json.rawValue
        guard let format = ExportFormat(rawValue: name) else { throw EngineError.invalid("/format", "must be json, ndjson or csv") }
        // Whoever only looks whether there is a file has exported nothing.
        guard request.method == .get else { return .download(nil, as: format, name: "export.\(format.rawValue)") }
        let export = try await engine.exports.export(context.scope, user, format: format)
        return .download(export, as: format, name: "export.\(format.rawValue)")
    }

    // MARK: Proof

    private func receipt(_ request: Request, _ context: TenantContext) async throws -> Response {
        let id = context.coreContext.parameters["receiptId"].map { String($0) } ?? ""
        return try .encoded(try await engine.audit.receipt(context.scope, id: id))
    }

    private func verify(_ request: Request, _ context: TenantContext) async throws -> Response {
        try context.scope.authorize(.readReceipts)
        let receipt = try JSONBody.decode(Receipt.self, from: try await request.jsonContent())
        let isValid = try await engine.audit.isValid(context.scope, receipt)
        return .json { json in json.object { $0.member("valid", isValid) } }
    }

    private func audit(_ request: Request, _ context: TenantContext) async throws -> Response {
        let query = QueryParameters(request.uri.query)
        let limit = try query.integer(
            "limit", default: GatewayLimits.auditEntriesDefault, in: 1...Limits.auditEntriesPerPageMax)
        let page = try await engine.audit.page(context.scope, limit: limit, cursor: try query.text("cursor"))
        return .json { json in
            json.object { json in
                json.member("items", of: page.items) { json, entry in
                    json.object { json in
                        json.member("index", entry.index)
                        json.member("at", entry.at)
                        json.member("action", entry.action)
                        json.member("actor", entry.actor)
                        json.member("leaf", entry.leaf)
                    }
                }
                json.key("nextCursor")
                if let cursor = page.nextCursor { json.value(cursor) } else { json.null() }
                json.key("checkpoint")
                json.object { json in
                    json.member("payload", page.checkpoint.payload)
                    json.member("protected", page.checkpoint.protected)
                    json.member("signature", page.checkpoint.signature)
                }
            }
        }
    }

    private func consistency(_ request: Request, _ context: TenantContext) async throws -> Response {
        let query = QueryParameters(request.uri.query)
        return try .encoded(
            try await engine.audit.consistency(context.scope, first: try query.text("first"), second: try query.text("second")))
    }

    private func exposure(_ request: Request, _ context: TenantContext) async throws -> Response {
        let query = QueryParameters(request.uri.query)
        guard let credential = try query.text("credential") else { throw EngineError.invalid("/credential", "is missing") }
        return try .encoded(
            try await engine.exposures.exposure(
                context.scope, credential: credential, from: try query.text("from"), to: try query.text("to")))
    }

    private func processing(_ request: Request, _ context: TenantContext) throws -> Response {
        try .encoded(try engine.processing.records(context.scope))
    }

    // MARK: Regulations

    private func regulate(_ request: Request, _ context: TenantContext) async throws -> Response {
        try context.scope.authorize(.manageRegulations)
        return try await once(request, context) { scope, content in
            try request.requireJSON(content)
            let body = try JSONBody.decode(RegulationBody.self, from: content)
            let subjects = try body.subjectIds.enumerated().map { place, id in try UserID(id.text, pointer: "/subjectIds/\(place)") }
            return RegulationAnswer(
                id: try await engine.regulations.perform(
                    scope, kind: body.regulationType, subjectType: body.subjectType, subjects: subjects))
        }
    }

    private func regulation(_ request: Request, _ context: TenantContext) async throws -> Response {
        let id = context.coreContext.parameters["regulationId"].map { String($0) } ?? ""
        return try .encoded(try await engine.regulations.status(context.scope, id: id))
    }

    /// Answers a POST whose effects are the same however often it is sent: with an `Idempotency-Key` the first answer comes again.
    private func once(
        _ request: Request, _ context: TenantContext, _ perform: (Scope, ByteBuffer) async throws -> any Encodable & Sendable
    ) async throws -> Response {
        let content = try await request.content()
        guard let key = try IdempotentCall.key(of: request.headers) else {
            return try .encoded(try await perform(context.scope, content))
        }
        let identity = IdempotentRequest(
            key: key, method: request.method.rawValue, path: request.uri.path, body: Array(content.readableBytesView))
        switch try await idempotency.begin(context.scope, about: nil, identity, success: .emptyObject) {
        case .replay(let answer):
            var response = answer.response
            response.headers.append(HTTPField(name: .idempotencyReplayed, value: "true"))
            return response
        case .proceed(let scope):
            do {
                let answer = try await perform(scope, content)
                let body = Array(try JSONEncoder.privacy.encode(answer))
                try await idempotency.finish(scope, keeping: KeptAnswer(status: 200, contentType: "application/json", body: body))
                return .json(body: ByteBuffer(bytes: body))
            } catch {
                await idempotency.finish(scope, answer: Problem(error).answer)
                throw error
            }
        }
    }
}

extension Response {
    /// An export, as a file.
    /// - Parameter export: nil: the headers alone.
    static func download(_ export: UserExport?, as format: ExportFormat, name: String) -> Response {
        var headers = HTTPFields.privateEmpty
        headers[.contentType] = format.contentType
        headers[.contentDisposition] = "attachment; filename=\"\(name)\""
        return Response(status: .ok, headers: headers, body: export.map { ResponseBody($0) } ?? ResponseBody())
    }

    /// An answer as Foundation writes it, for those that are given seldom.
    static func encoded(_ value: some Encodable) throws -> Response {
        .json(body: ByteBuffer(bytes: Array(try JSONEncoder.privacy.encode(value))))
    }
}

extension JSONEncoder {
    fileprivate static var privacy: JSONEncoder {
        let encoder = JSONEncoder()
        // Answers about two people must not differ in the order of their members.
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}

extension ResponseBody {
    /// Written as it is read: an export is larger than memory should be.
    fileprivate init(_ export: UserExport) {
        self.init { writer in
            var export = export
            while let piece = try await export.next() { try await writer.write(ByteBuffer(bytes: piece)) }
            try await writer.finish(nil)
        }
    }
}

extension ExportFormat {
    fileprivate var contentType: String {
        switch self {
        case .json: "application/json"
        case .ndjson: "application/x-ndjson"
        case .csv: "text/csv; charset=utf-8"
        }
    }
}

private struct LinkBody: Decodable {
    let scope: String?
    let ttlSeconds: Int?
}

private struct RestrictionBody: Decodable {
    let restricted: Bool
}

private struct RegulationBody: Decodable {
    let regulationType: String
    let subjectType: String
    let subjectIds: [TextOrInteger]
}

private struct RegulationAnswer: Encodable {
    let id: String
}
