import AttuneCrypto
import Store
import Synchronization

/// `Idempotency-Key`: the same request again gets the first answer and has no second effect, also after a crash.
///
/// The answer of an effect is committed in the transaction of the effect. Refusals (4xx) have none and are kept afterwards.
package final class Idempotency: Sendable {
    private let running = Mutex<Set<RunningRequest>>([])

    package enum Outcome: Sendable {
        /// Go on with this scope, then call `finish`, whatever happens.
        case proceed(Scope)
        /// This request was answered before.
        case replay(KeptAnswer)
    }

    /// - Parameter success: what to answer, and to keep, when the effect has happened.
    /// - Throws: `.invalid` for another body under the same key, `.conflict` while the first is still running.
    package func begin(
        _ scope: Scope, about user: AuthorizedUser?, _ request: IdempotentRequest, success: KeptAnswer
    ) async throws(EngineError) -> Outcome {
        let table = scope.tenant.table
        let parts = [scope.principal.credentialID, request.method, request.path, request.key].map { Array($0.utf8) }
        let digest = try table.digest(parts)
        let tenantKey = Keyspace.tenantAnswer(digest: digest)
        let ticket = IdempotencyTicket(
            key: user.map { .userAnswer($0.id, digest: digest) } ?? tenantKey, refusalKey: tenantKey,
            requestDigest: Array(try table.digest([Array("body".utf8), request.body]).utf8),
            running: RunningRequest(tenant: scope.tenant.name, digest: digest), success: success)
        guard running.withLock({ $0.insert(ticket.running).inserted }) else {
            throw EngineError(.conflict, "The first request with this Idempotency-Key is still running.")
        }
        do throws(EngineError) {
            if let kept = try await keptAnswer(ticket, table: table, now: scope.now) {
                end(ticket)
                return .replay(kept)
            }
        } catch {
            end(ticket)
            throw error
        }
        var scope = scope
        scope.idempotency = ticket
        return .proceed(scope)
    }

    private func keptAnswer(_ ticket: IdempotencyTicket, table: Table, now: Timestamp) async throws(EngineError) -> KeptAnswer? {
        var kept = try await table.get(ticket.key, as: KeptAnswerRecord.self, now: now)
        if kept == nil { kept = try await table.get(ticket.refusalKey, as: KeptAnswerRecord.self, now: now) }
        guard let record = kept?.value else { return nil }
        guard ConstantTime.areEqual(Array(record.requestDigest), ticket.requestDigest) else {
            throw EngineError(.invalid, "This Idempotency-Key was used with another body.")
        }
        return KeptAnswer(status: Int(record.status), contentType: record.contentType, body: Array(record.body))
    }

    /// Ends a request whose effects are the same however often it is sent: keeps its answer, which was not known before.
    package func finish(_ scope: Scope, keeping answer: KeptAnswer) async throws(EngineError) {
        guard let ticket = scope.idempotency else { return }
        defer { end(ticket) }
        try await scope.tenant.table.write([ticket.key], now: scope.now) { table throws(EngineError) in
            try ticket.keep(answer, at: ticket.key, in: &table, now: scope.now)
        }
    }

    /// The same for an answer that is about nobody, or about several, though `begin` was told of a person.
    package func finish(_ scope: Scope, keepingAboutNobody answer: KeptAnswer) async throws(EngineError) {
        guard let ticket = scope.idempotency else { return }
        defer { end(ticket) }
        try await scope.tenant.table.write([ticket.refusalKey], now: scope.now) { table throws(EngineError) in
            try ticket.keep(answer, at: ticket.refusalKey, in: &table, now: scope.now)
        }
    }

    /// Ends a request that `begin` let proceed.
    /// - Parameter answer: what was answered; nil where the request failed without an answer.
    package func finish(_ scope: Scope, answer: KeptAnswer?) async {
        guard let ticket = scope.idempotency else { return }
        if let answer, (400..<500).contains(answer.status), ![401, 409, 429].contains(answer.status) {
            // A refusal that could not be kept is given again when the request comes again.
            try? await scope.tenant.table.write([ticket.refusalKey], now: scope.now) { table throws(EngineError) in
                try ticket.keep(answer, at: ticket.refusalKey, in: &table, now: scope.now)
            }
        }
        end(ticket)
    }

    private func end(_ ticket: IdempotencyTicket) {
        running.withLock { _ = $0.remove(ticket.running) }
    }
}
