/// Profiles of users: read, recorded into, reset. Every change is one transaction and is on disk when it answers.
package struct Personalization: Sendable {
    let withdrawals: Withdrawals

    /// The profile; an empty one, of version 0, for a user never seen before.
    package func profile(_ scope: Scope, _ user: AuthorizedUser) async throws(EngineError) -> Versioned<PersonalizationProfile> {
        let record = try await scope.tenant.table.get(.personalization(user.id), as: PersonalizationRecord.self, now: scope.now)
        return record.map { Versioned(PersonalizationProfile($0.value), version: $0.version) }
            ?? Versioned(PersonalizationProfile(), version: 0)
    }

    /// Names of the features that the user uses most, most used first.
    package func frequentFeatures(_ scope: Scope, _ user: AuthorizedUser, limit: Int) async throws(EngineError) -> [String] {
        guard (1...Limits.frequentFeaturesMax).contains(limit) else { throw .invalid("/limit", "must be 1 to 100") }
        return try await profile(scope, user).value.frequentFeatures(limit: limit)
    }

    /// Forgets the user's personalization, with what AI has written from it, not the user.
    /// - Throws: `.conflict` while there is a legal hold.
    package func reset(_ scope: Scope, _ user: AuthorizedUser, if precondition: Precondition?) async throws(EngineError) {
        guard try await !scope.isHeld(scope.resolved(user.id)) else { throw Holds.refusal }
        let hold = Keyspace.hold(digest: try scope.tenant.table.subjectDigest(user.id))
        let key = Keyspace.personalization(user.id)
        let advice = Keyspace.aiItems(of: user.id)
        try await withdrawals.during(scope.tenant.number, user.id) { () throws(EngineError) in
            try await scope.tenant.table.write([key, hold] + advice, now: scope.now) { table throws(EngineError) in
                guard table.version(of: hold) == 0 else { throw Holds.refusal }
                try precondition?.check(table.version(of: key), scope)
                for key in [key] + advice where table.version(of: key) != 0 { table.delete(key) }
            }
        }
    }

    package func setTimeZone(
        _ scope: Scope, _ user: AuthorizedUser, to zone: String, if precondition: Precondition?
    ) async throws(EngineError) -> Versioned<PersonalizationProfile> {
        try ProfileValidation.timeZone(zone)
        return try await change(scope, user, if: precondition) { $0.setTimeZone(zone, at: scope.now) }
    }

    /// Counts one use of a feature.
    /// - Parameter moment: when it was used: at most 400 days ago and 5 minutes ahead; nil: now.
    package func recordFeature(_ scope: Scope, _ user: AuthorizedUser, feature: String, at moment: Timestamp?) async throws(EngineError) {
        try ProfileValidation.featureName(feature)
        if let moment { try ProfileValidation.moment(moment, now: scope.now) }
        _ = try await change(scope, user, if: nil) { $0.recordFeature(feature, at: moment ?? scope.now, now: scope.now) }
        scope.tenant.activity.countUse()
    }

    /// Counts one success or failure of a type of content.
    package func recordContent(
        _ scope: Scope, _ user: AuthorizedUser, contentType: String, success: Bool
    ) async throws(EngineError) {
        try ProfileValidation.contentType(contentType)
        _ = try await change(scope, user, if: nil) { $0.recordContent(contentType, success: success, at: scope.now) }
        scope.tenant.activity.countOutcome()
    }

    package func setGoals(
        _ scope: Scope, _ user: AuthorizedUser, shortTerm: [String], longTerm: [String], if precondition: Precondition?
    ) async throws(EngineError) -> Versioned<PersonalizationProfile> {
        try ProfileValidation.goals(shortTerm: shortTerm, longTerm: longTerm)
        return try await change(scope, user, if: precondition) {
            $0.setGoals(shortTerm: shortTerm, longTerm: longTerm, at: scope.now)
        }
    }

    /// - Parameter progress: 0 to 1.
    /// - Throws: `.notFound` where the user has no such goal.
    package func setProgress(
        _ scope: Scope, _ user: AuthorizedUser, goal: String, progress: Double, if precondition: Precondition?
    ) async throws(EngineError) -> Versioned<PersonalizationProfile> {
        try ProfileValidation.progress(progress)
        return try await change(scope, user, if: precondition) { profile throws(EngineError) in
            guard profile.setProgress(of: goal, to: progress, at: scope.now) else {
                throw EngineError(.notFound, "The user has no such goal.")
            }
        }
    }

    package func setMarketFocus(
        _ scope: Scope, _ user: AuthorizedUser, areas: [String], if precondition: Precondition?
    ) async throws(EngineError) -> Versioned<PersonalizationProfile> {
        try ProfileValidation.marketFocus(areas)
        return try await change(scope, user, if: precondition) { $0.setMarketFocus(areas, at: scope.now) }
    }

    /// Reads, changes and writes the profile in one transaction, with the answer to keep where the request is to happen once.
    /// - Throws: `.forbidden` where the user does not allow `personalization`; `.conflict` where processing is restricted.
    private func change(
        _ scope: Scope, _ user: AuthorizedUser, if precondition: Precondition?,
        _ body: @escaping @Sendable (inout PersonalizationProfile) throws(EngineError) -> Void
    ) async throws(EngineError) -> Versioned<PersonalizationProfile> {
        let key = Keyspace.personalization(user.id)
        if try scope.tenant.isSuppressed(user.id) { throw Restrictions.refusal }
        let consent = Keyspace.consent(user.id)
        let keys = [key, consent, scope.idempotency?.key].compactMap(\.self)
        return try await scope.tenant.table.write(keys, now: scope.now) { table throws(EngineError) in
            try PersonalizationConsent.require(try table.get(consent, as: ConsentRecord.self), of: scope.tenant)
            try precondition?.check(table.version(of: key), scope)
            var profile = try table.get(key, as: PersonalizationRecord.self).map { PersonalizationProfile($0) } ?? PersonalizationProfile()
            try body(&profile)
            try table.put(key, profile.record)
            try scope.idempotency?.keep(in: &table, now: scope.now)
            return Versioned(profile, version: table.version)
        }
    }
}
