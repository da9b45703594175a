import Engine
import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore

/// OpenDSR 2.0, and the same under its older names.
///
/// | method | path | permission |
/// | --- | --- | --- |
/// | GET | `/v2/discovery`, `/v2/certificate` | none needed |
/// | POST | `/v2/requests` | manageRequests |
/// | GET | `/v2/requests/{subjectRequestId}`, `/v2/status/{subjectRequestId}` | manageRequests |
/// | DELETE | `/v2/requests/{subjectRequestId}` | manageRequests |
/// | GET | `/v2/requests/{subjectRequestId}/results` | manageRequests |
/// | | `/v1/discovery`, `/v1/certificate`, `/v1/opengdpr_requests…`, `/v1/status/…` | the same |
struct OpenDSRRoutes {
    private let openDSR: OpenDSR
    private let answers: OpenDSRAnswers
    private let idempotency: Idempotency
    private let isLegacy: Bool

    init(_ engine: AttuneEngine, isLegacy: Bool) {
        (openDSR, idempotency, self.isLegacy) = (engine.openDSR, engine.idempotency, isLegacy)
        answers = OpenDSRAnswers(engine.openDSR)
    }

    private var version: String { isLegacy ? "v1" : "v2" }
    private var requests: String { isLegacy ? "opengdpr_requests" : "requests" }

    func addOpen(to routes: some RouterMethods<GatewayContext>) {
        routes.group("\(version)")
            .get("discovery", use: discovery)
            .get("certificate", use: certificate)
    }

    func add(to routes: some RouterMethods<TenantContext>) {
        routes.group("\(version)")
            .post("\(requests)", use: submit)
            .get("\(requests)/{subjectRequestId}", use: status)
            .delete("\(requests)/{subjectRequestId}", use: cancel)
            .get("status/{subjectRequestId}", use: status)
    }

    /// The results are the tenant's data and no answer of the protocol.
    func addResults(to routes: some RouterMethods<TenantContext>) {
        routes.get("\(version)/\(requests)/{subjectRequestId}/results", use: results)
    }

    private func discovery(_ request: Request, _ context: GatewayContext) async throws -> Response {
        try await answers.signed(.ok, .sharedJSON, try openDSR.discovery(isLegacy: isLegacy), isLegacy: isLegacy)
    }

    private func certificate(_ request: Request, _ context: GatewayContext) async throws -> Response {
        var headers = HTTPFields.sharedJSON
        headers[.contentType] = "application/pem-certificate-chain"
        return try await answers.signed(.ok, headers, try await openDSR.certificate(), isLegacy: isLegacy)
    }

    private func submit(_ request: Request, _ context: TenantContext) async throws -> Response {
        try context.scope.authorize(.manageRequests)
        let content = try await request.jsonContent()
        let bytes = Array(content.readableBytesView)
        guard let key = try IdempotentCall.key(of: request.headers) else {
            return try await submit(content, context.scope)
        }
        // The id makes it the same request; of the answer, which holds the request, nothing is kept.
        let identity = IdempotentRequest(key: key, method: request.method.rawValue, path: request.uri.path, body: bytes)
        switch try await idempotency.begin(context.scope, about: nil, identity, success: .emptyObject) {
        case .replay:
            var response = try await submit(content, context.scope)
            response.headers.append(HTTPField(name: .idempotencyReplayed, value: "true"))
            return response
        case .proceed(let scope):
            do {
                let response = try await submit(content, context.scope)
                try await idempotency.finish(scope, keeping: .emptyObject)
                return response
            } catch {
                await idempotency.finish(scope, answer: nil)
                throw error
            }
        }
    }

    private func submit(_ content: ByteBuffer, _ scope: Scope) async throws -> Response {
        let body = try JSONBody.decode(OpenDSRBody.self, from: content)
        let submission = try body.submission(
            content: Array(content.readableBytesView), isLegacy: isLegacy, allowsPlainCallbacks: openDSR.allowsPrivateCallbacks)
        return try await answers.signed(.created, .privateJSON, try await openDSR.submit(scope, submission), isLegacy: isLegacy)
    }

    private func status(_ request: Request, _ context: TenantContext) async throws -> Response {
        let body = try await openDSR.status(context.scope, id: context.subjectRequestID)
        return try await answers.signed(.ok, .privateJSON, body, isLegacy: isLegacy)
    }

    private func cancel(_ request: Request, _ context: TenantContext) async throws -> Response {
        let body = try await openDSR.cancel(context.scope, id: context.subjectRequestID)
        return try await answers.signed(.accepted, .privateJSON, body, isLegacy: isLegacy)
    }

    private func results(_ request: Request, _ context: TenantContext) async throws -> Response {
        let found = try await openDSR.results(context.scope, id: context.subjectRequestID)
        let body = ResponseBody { writer in
            try await writer.write(ByteBuffer(string: #"{"results":["#))
            for (place, export) in found.enumerated() {
                if place > 0 { try await writer.write(ByteBuffer(string: ",")) }
                var export = export
                while let piece = try await export.next() { try await writer.write(ByteBuffer(bytes: piece)) }
            }
            try await writer.write(ByteBuffer(string: "]}\n"))
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: .privateJSON, body: body)
    }
}

extension TenantContext {
    fileprivate var subjectRequestID: String { coreContext.parameters["subjectRequestId"].map { String($0) } ?? "" }
}

private struct OpenDSRBody: Decodable {
    struct Identity: Decodable {
        let type: String
        let value: TextOrInteger
        let format: String

        private enum CodingKeys: String, CodingKey {
            case type = "identity_type"
            case value = "identity_value"
            case format = "identity_format"
        }
    }

    let subjectRequestID: String
    let subjectRequestType: String
    let regulation: String?
    let submittedTime: String
    let subjectIdentities: [Identity]
    let statusCallbackURLs: [String]?

    private enum CodingKeys: String, CodingKey {
        case subjectRequestID = "subject_request_id"
        case subjectRequestType = "subject_request_type"
        case regulation
        case submittedTime = "submitted_time"
        case subjectIdentities = "subject_identities"
        case statusCallbackURLs = "status_callback_urls"
    }

    func submission(content: [UInt8], isLegacy: Bool, allowsPlainCallbacks: Bool) throws(EngineError) -> OpenDSRSubmission {
        var identities: [OpenDSRIdentity] = []
        for (place, identity) in subjectIdentities.prefix(Limits.openDSRIdentitiesMax + 1).enumerated() {
            let pointer = "/subject_identities/\(place)"
            let value = identity.value.text
            identities.append(try OpenDSRIdentity(type: identity.type, format: identity.format, value: value, pointer: pointer))
        }
        let members = OpenDSRSubmission.Members(
            subjectRequestID: subjectRequestID, kind: subjectRequestType, regulation: regulation, submittedTime: submittedTime,
            identities: identities, callbackURLs: statusCallbackURLs ?? [])
        return try OpenDSRSubmission(members, body: content, isLegacy: isLegacy, allowsPlainCallbacks: allowsPlainCallbacks)
    }
}
