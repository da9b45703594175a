import SwiftProtobuf

/// Legal holds (GDPR, Art. 17 (3) (e)): nothing of a user is erased or anonymized while there is one. What expires by age does.
package struct Holds: Sendable {
    let work: OpenDSRWork

    package struct Answer: Codable, Sendable {
        package let userId: String
        package let held: Bool
        /// nil where there is none.
        package let reason: String?
        package let since: String?
    }

    static let refusal = EngineError(
        .conflict, "This user is under a legal hold: nothing of theirs is erased or anonymized until it is lifted.")

    package func hold(_ scope: Scope, _ user: AuthorizedUser) async throws(EngineError) -> Answer {
        let key = try await key(scope, user)
        let record = try await scope.tenant.table.get(key, as: HoldRecord.self, now: scope.now)?.value
        return Answer(
            userId: user.id.text, held: record != nil, reason: record?.reason,
            since: record.map { Timestamp(milliseconds: $0.since).rfc3339 })
    }

    /// - Throws: `.conflict` while the user is being erased.
    package func place(_ scope: Scope, _ user: AuthorizedUser, reason: String) async throws(EngineError) -> Answer {
        guard (1...Limits.holdReasonCharactersMax).contains(reason.count) else {
            throw .invalid("/reason", "must be 1 to \(Limits.holdReasonCharactersMax) characters long")
        }
        let id = try await scope.resolved(user.id)
        let subject = try scope.tenant.table.subjectDigest(id)
        let (key, pending) = (Keyspace.hold(digest: subject), Keyspace.pendingErasure(digest: subject))
        let entry = try AuditEntry("hold", subject: subject, by: scope.principal.actor, in: scope.tenant.name, at: scope.now)
        try await AuditLog(tenant: scope.tenant).append(entry, now: scope.now, with: [key, pending]) {
            draft, _ throws(IntakeDraft.Interruption) in
            guard try draft.version(of: pending) == 0 else { throw .failed(EngineError(.conflict, "The user is being erased already.")) }
            let known = try draft.get(key, as: HoldRecord.self)
            try draft.put(
                key,
                HoldRecord.with {
                    $0.since = known?.since ?? scope.now.milliseconds
                    ($0.reason, $0.actor) = (reason, scope.principal.actor)
                })
        }
        return try await hold(scope, user)
    }

    /// Lifts it; where there is none, nothing happens.
    package func lift(_ scope: Scope, _ user: AuthorizedUser) async throws(EngineError) -> Answer {
        let id = try await scope.resolved(user.id)
        let subject = try scope.tenant.table.subjectDigest(id)
        let key = Keyspace.hold(digest: subject)
        guard try await scope.tenant.isHeld(id, now: scope.now) else { return try await hold(scope, user) }
        let entry = try AuditEntry("hold-lifted", subject: subject, by: scope.principal.actor, in: scope.tenant.name, at: scope.now)
        try await AuditLog(tenant: scope.tenant).append(entry, now: scope.now, with: [key]) { draft, _ throws(IntakeDraft.Interruption) in
            if try draft.version(of: key) != 0 { try draft.delete(key) }
        }
        work.wake(scope.tenant)
        return try await hold(scope, user)
    }

    private func key(_ scope: Scope, _ user: AuthorizedUser) async throws(EngineError) -> Keyspace {
        .hold(digest: try scope.tenant.table.subjectDigest(try await scope.resolved(user.id)))
    }
}

extension Tenant {
    func isHeld(_ user: UserID, now: Timestamp) async throws(EngineError) -> Bool {
        let key = Keyspace.hold(digest: try table.subjectDigest(user))
        return try await table.get(key, as: HoldRecord.self, now: now) != nil
    }
}
