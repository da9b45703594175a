import Engine
import HTTPTypes
import Hummingbird

/// A batch of uses and content results, taken once however often it is sent with the same `Idempotency-Key`.
///
/// What is kept for the key is what became of the items, in their order. Their ids, which clients choose and which may name a person, are
/// read from the body, which has to be the same.
struct PersonalizationBatchOnce {
    private let entries: [PersonalizationBatchBody.Entry]
    private let personalization: Personalization
    private let idempotency: Idempotency

    private static let statusesType = "application/vnd.attune.statuses"

    init(_ body: PersonalizationBatchBody, _ personalization: Personalization, _ idempotency: Idempotency) {
        entries = body.entries
        self.personalization = personalization
        self.idempotency = idempotency
    }

    /// - Parameter content: the body's bytes, which the key goes with.
    func answer(_ request: Request, _ scope: Scope, _ content: [UInt8]) async throws -> Response {
        guard let key = try IdempotentCall.key(of: request.headers) else { return response(try await take(scope, key: nil)) }
        let identity = IdempotentRequest(key: key, method: request.method.rawValue, path: request.uri.path, body: content)
        switch try await idempotency.begin(scope, about: nil, identity, success: .accepted) {
        case .replay(let kept):
            let isOfItems = kept.contentType == Self.statusesType
            var answer = isOfItems ? response(String(decoding: kept.body, as: UTF8.self).split(separator: ",")) : kept.response
            answer.headers.append(HTTPField(name: .idempotencyReplayed, value: "true"))
            return answer
        case .proceed(let claimed):
            let statuses: [Substring]
            do {
                statuses = try await take(scope, key: key)
            } catch {
                await idempotency.finish(claimed, answer: Problem(error).answer)
                throw error
            }
            let kept = KeptAnswer(status: 202, contentType: Self.statusesType, body: Array(statuses.joined(separator: ",").utf8))
            try await idempotency.finish(claimed, keepingAboutNobody: kept)
            return response(statuses)
        }
    }

    /// - Returns: of each item `accepted`, `duplicate`, or why it was rejected.
    private func take(_ scope: Scope, key: String?) async throws -> [Substring] {
        var items: [PersonalizationItem] = []
        for (place, entry) in entries.enumerated() {
            guard let item = try? entry.item.get() else { continue }
            items.append(try key.map { try item.identified(by: $0, place: place, scope) } ?? item)
        }
        var recorded = try await personalization.record(scope, items)[...]
        return entries.map { entry in
            switch entry.item {
            case .failure(let refusal): Substring(refusal.rawValue)
            case .success:
                switch recorded.removeFirst() {
                case .accepted: "accepted"
                case .duplicate: "duplicate"
                case .refused: "consent"
                }
            }
        }
    }

    private func response(_ statuses: [Substring]) -> Response {
        .json(.accepted, capacityBytes: 64 + entries.count * 64) { json in
            json.object { json in
                json.member("results", of: Array(zip(entries, statuses))) { json, result in
                    json.object { json in
                        if let id = result.0.id { json.member("id", id) }
                        guard !["accepted", "duplicate"].contains(result.1) else { return json.member("status", String(result.1)) }
                        json.member("status", "rejected")
                        json.member("reason", String(result.1))
                    }
                }
            }
        }
    }
}
