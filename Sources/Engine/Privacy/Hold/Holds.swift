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

    /// What erasures, and whatever else deletes, throw for whoever is held; to be told from other conflicts by its value.
    static let refusal = EngineError(
        .conflict, "This user is under a legal hold: nothing of theirs is erased or anonymized until it is lifted.")

    package func hold(_ scope: Scope, _ user: AuthorizedUser) async throws(EngineError) -> Answer {
        let record = try await scope.holds(of: try await scope.resolved(user.id)).first?.record
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
        for held in try await scope.holds(of: try await scope.resolved(user.id)) { try await scope.liftHold(of: held.digest) }
        work.wake(scope.tenant)
        return try await hold(scope, user)
    }
}

extension Scope {
    /// A user, and the visitors who have turned out to be them.
    func person(_ user: UserID) async throws(EngineError) -> [UserID] {
        let identity = try await tenant.table.get(.identity(user), as: IdentityRecord.self, now: now)?.value ?? IdentityRecord()
        return [user] + (try await joined(identity, in: tenant.table))
    }

    /// The holds of a person, their own first: one of a visitor, from before it was known who they are, is one of theirs.
    func holds(of user: UserID) async throws(EngineError) -> [(digest: String, record: HoldRecord)] {
        var found: [(digest: String, record: HoldRecord)] = []
        for one in try await person(user) {
            let digest = try tenant.table.subjectDigest(one)
            guard let record = try await tenant.table.get(.hold(digest: digest), as: HoldRecord.self, now: now)?.value else { continue }
            found.append((digest, record))
        }
        return found
    }

    func isHeld(_ user: UserID) async throws(EngineError) -> Bool { try await !holds(of: user).isEmpty }

    /// Lifts one hold; where there is none, nothing happens.
    func liftHold(of digest: String) async throws(EngineError) {
        let key = Keyspace.hold(digest: digest)
        guard try await tenant.table.get(key, as: HoldRecord.self, now: now) != nil else { return }
        let entry = try AuditEntry("hold-lifted", subject: digest, by: principal.actor, in: tenant.name, at: now)
        try await AuditLog(tenant: tenant).append(entry, now: now, with: [key]) { draft, _ throws(IntakeDraft.Interruption) in
            if try draft.version(of: key) != 0 { try draft.delete(key) }
        }
    }
}

extension Tenant {
    /// Whether one id is held; of a person, ask the scope.
    func isHeld(_ user: UserID, now: Timestamp) async throws(EngineError) -> Bool {
        let key = Keyspace.hold(digest: try table.subjectDigest(user))
        return try await table.get(key, as: HoldRecord.self, now: now) != nil
    }
}
