import Store
import SwiftProtobuf

/// Behavioral profiles of a tenant's users, under integer ids.
package struct BehavioralProfiles: Sendable {
    private let behavior = Behavior()

    /// - Parameter answer: what is answered, to be kept with the effect where the request has an `Idempotency-Key`.
    /// - Throws: `.conflict` where the user has one.
    package func create(
        _ scope: Scope, user: UserID, _ change: BehavioralProfileChange, answer: ((BehavioralProfile) -> KeptAnswer)? = nil
    ) async throws(EngineError) -> BehavioralProfile {
        try scope.authorize(.manageBehavioralProfiles)
        try change.validate(present: nil)
        guard let score = change.score else { throw .invalid("/behavioral_score", "is missing") }
        var profile = BehavioralProfile(
            id: try await takeID(scope), userID: user, score: score, interests: "", lastEngagedAt: nil, createdAt: scope.now,
            updatedAt: scope.now, scoredAt: scope.now)
        profile.apply(change, at: scope.now)
        let (key, index, record) = (Keyspace.behavioralProfile(user), Keyspace.behavioralProfileIndex(profile.id), profile.record)
        let consent = Keyspace.consent(user)
        if try scope.tenant.isSuppressed(user) { throw Restrictions.refusal }
        // What is answered is what the next read tells.
        let told = profile.completed(
            by: try await behavior.judgement(scope, user), scoreDays: scope.tenant.explicitScoreDays, now: scope.now)
        let (ticket, kept) = (scope.idempotency, answer?(told))
        let level = Keyspace.behavioralLevelIndex(profile.level, profile.id)
        let keys = [key, index, level, consent, ticket?.key].compactMap(\.self)
        try await scope.tenant.table.write(keys, now: scope.now) { table throws(EngineError) in
            if try table.get(consent, as: ConsentRecord.self)?.isRestricted ?? false { throw Restrictions.refusal }
            guard table.version(of: key) == 0 else { throw EngineError(.conflict, "The user has a behavioral profile.") }
            try table.put(key, record)
            let named = BehavioralProfileIndexRecord.with { $0.userID = record.userID }
            try table.put(index, named)
            try table.put(level, named)
            if let ticket, let kept { try ticket.keep(kept, at: ticket.key, in: &table, now: scope.now) }
        }
        return told
    }

    package func profile(_ scope: Scope, user: UserID) async throws(EngineError) -> BehavioralProfile {
        try scope.authorize(.manageBehavioralProfiles)
        guard let profile = try await present(scope, user) else { throw Self.notFound }
        return profile
    }

    package func update(_ scope: Scope, id: Int64, _ change: BehavioralProfileChange) async throws(EngineError) -> BehavioralProfile {
        try scope.authorize(.manageBehavioralProfiles)
        guard (1...Limits.behavioralProfileIDMax).contains(id) else { throw Self.notFound }
        let table = scope.tenant.table
        let index = try await table.get(.behavioralProfileIndex(id), as: BehavioralProfileIndexRecord.self, now: scope.now)
        guard let index else { throw Self.notFound }
        let user = try UserID(index.value.userID)
        // Whether a level contradicts depends on the score as it is read, not as it was stored.
        try change.validate(present: try await present(scope, user)?.score)
        let key = Keyspace.behavioralProfile(user)
        let consent = Keyspace.consent(user)
        try await table.write([key, consent], now: scope.now) { table throws(EngineError) in
            if try table.get(consent, as: ConsentRecord.self)?.isRestricted ?? false { throw Restrictions.refusal }
            guard let record = try table.get(key, as: BehavioralProfileRecord.self) else { throw Self.notFound }
            var profile = try BehavioralProfile(record)
            profile.apply(change, at: scope.now)
            try table.put(key, profile.record)
        }
        let present = try await profile(scope, user: user)
        try await file(scope, [present])
        return present
    }

    private static var notFound: EngineError { EngineError(.notFound, "There is no such behavioral profile.") }

    func present(_ scope: Scope, _ user: UserID) async throws(EngineError) -> BehavioralProfile? {
        let record = try await scope.tenant.table.get(.behavioralProfile(user), as: BehavioralProfileRecord.self, now: scope.now)
        guard let record else { return nil }
        return try BehavioralProfile(record.value)
            .completed(by: try await behavior.judgement(scope, user), scoreDays: scope.tenant.explicitScoreDays, now: scope.now)
    }

    /// An id that is given up with its request is not used again.
    func takeID(_ scope: Scope) async throws(EngineError) -> Int64 {
        try await scope.tenant.table.write([.behavioralProfileCounter], now: scope.now) { table throws(EngineError) in
            var counter =
                try table.get(.behavioralProfileCounter, as: BehavioralProfileCounterRecord.self) ?? BehavioralProfileCounterRecord()
            counter.lastID += 1
            try table.put(.behavioralProfileCounter, counter)
            return counter.lastID
        }
    }
}
