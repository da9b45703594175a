import Store
import SwiftProtobuf

/// A person's whole profile: shown, and put right (GDPR, Art. 15 and 16).
package struct Persons: Sendable {
    let withdrawals: Withdrawals
    private let behavior = Behavior()

    init(withdrawals: Withdrawals) {
        self.withdrawals = withdrawals
    }

    /// What was answered to a rectification.
    package struct Rectified: Sendable {
        package let person: Person
        /// nil where nothing was to be changed.
        package let receiptID: String?
    }

    private static let missing = EngineError(.notFound, "Nothing is kept of a user of that id.")

    /// - Throws: `.notFound` where nothing is kept of the user.
    package func person(_ scope: Scope, _ user: AuthorizedUser) async throws(EngineError) -> Person {
        let id = try await scope.resolved(user.id)
        let keys = Self.keys(of: id)
        let items = try await scope.tenant.table.items(keys, now: scope.now)
        guard items.contains(where: { $0 != nil }) else { throw Self.missing }
        let identity = try items[5]?.record(as: IdentityRecord.self) ?? IdentityRecord()
        return try Person(
            id: id, joined: try await scope.joined(identity, in: scope.tenant.table).map(\.text),
            personalization: try items[0]?.record(as: PersonalizationRecord.self), traits: try items[1]?.record(as: TraitsRecord.self),
            behavioralProfile: try items[2]?.record(as: BehavioralProfileRecord.self),
            consentRecord: try items[3]?.record(as: ConsentRecord.self), tenant: scope.tenant,
            judgement: try await behavior.judgement(scope, id), visits: try await behavior.visits(scope, id),
            tag: scope.entityTag(of: id, items.prefix(3).map { $0?.version ?? 0 }),
            now: scope.now)
    }

    /// Puts a person's profile right; what was derived from what was wrong goes in the same transaction. It is done under a restriction,
    /// too: often it is what the restriction waits for.
    /// - Throws: `.notFound` where nothing is kept of the user, `.preconditionFailed`.
    package func rectify(
        _ scope: Scope, _ user: AuthorizedUser, _ change: PersonChange, if precondition: Precondition?
    ) async throws(EngineError) -> Rectified {
        let id = try await scope.resolved(user.id)
        if change.isEmpty {
            let present = try await person(scope, user)
            try precondition?.check(present.tag)
            return Rectified(person: present, receiptID: nil)
        }
        if try scope.tenant.isSuppressed(id) { throw Restrictions.refusal }
        let payload = ReceiptPayload(
            id: ReceiptPayload.newID(), tenant: scope.tenant.name.text, action: "rectification",
            subject: try scope.tenant.table.subjectDigest(id), requestedAt: scope.now.rfc3339, completedAt: scope.now.rfc3339,
            counts: change.counts)
        try await withdrawals.during(scope.tenant.number, id) { () throws(EngineError) in
            try await write(scope, id, change, payload, precondition)
        }
        return Rectified(person: try await person(scope, user), receiptID: payload.id)
    }

    private func write(
        _ scope: Scope, _ id: UserID, _ change: PersonChange, _ payload: ReceiptPayload, _ precondition: Precondition?
    ) async throws(EngineError) {
        let (keys, now) = (Self.keys(of: id), scope.now)
        let source = TraitsIntake.Source(scope.principal.kind)
        let receipt = try scope.tenant.table.receiptKey(payload.id)
        let entry = AuditEntry(payload.action, by: scope.principal.actor, at: now, leaf: try CanonicalJSON.encode(payload))
        let log = AuditLog(tenant: scope.tenant)
        let advice: [Keyspace] = [.advice(id), .suggestedAdvice(id)]
        var request = try scope.newRequest(.rectification, about: id)
        _ = try request.apply(.complete(receiptID: payload.id), now: now)
        let done = request
        try await log.append(entry, now: now, with: keys + advice + [receipt, done.key]) { draft, index throws(IntakeDraft.Interruption) in
            try draft.change { table throws(EngineError) in
                guard table.version(of: done.key) == 0 else { throw DataRequests.nameIsTaken }
                guard keys.contains(where: { table.version(of: $0) != 0 }) else { throw Self.missing }
                try precondition?.check(scope.entityTag(of: id, keys.prefix(3).map { table.version(of: $0) }))
                try table.rectify(id, change, saidBy: source, now: now)
                try table.forgetAdvice(of: id, now: now)
                try table.put(done.key, done.record, expiresAt: done.expiresAt)
                try table.put(receipt, ReceiptIndexRecord.with { $0.leafIndex = index })
            }
        }
    }

    /// What a rectification changes comes first.
    private static func keys(of id: UserID) -> [Keyspace] {
        [.personalization(id), .traits(id), .behavioralProfile(id), .consent(id), .behavior(id), .identity(id)]
    }
}

extension TableDraft {
    fileprivate mutating func rectify(
        _ id: UserID, _ change: PersonChange, saidBy source: TraitsIntake.Source, now: Timestamp
    ) throws(EngineError) {
        if change.touchesPersonalization {
            let record = try get(.personalization(id), as: PersonalizationRecord.self)
            var profile = record.map { PersonalizationProfile($0) } ?? PersonalizationProfile()
            if let zone = change.timeZone { profile.setTimeZone(zone, at: now) }
            if change.shortTermGoals != nil || change.longTermGoals != nil {
                profile.setGoals(
                    shortTerm: change.shortTermGoals ?? profile.shortTermGoals, longTerm: change.longTermGoals ?? profile.longTermGoals,
                    at: now)
            }
            if let areas = change.marketFocus { profile.setMarketFocus(areas, at: now) }
            try put(.personalization(id), profile.record)
        }
        if change.touchesTraits {
            var record = try get(.traits(id), as: TraitsRecord.self) ?? TraitsRecord()
            guard TraitsIntake.rectify(change.merged(into: record.traits), saidBy: source, in: &record, at: now) else {
                throw .invalid("/traits", "are more than is kept of one user")
            }
            try put(.traits(id), record)
        }
        guard change.touchesBehavioralProfile else { return }
        guard let record = try get(.behavioralProfile(id), as: BehavioralProfileRecord.self) else {
            let pointer = change.interests != nil ? "/interests" : "/behavioralScore"
            throw .invalid(pointer, "is of a behavioral profile, and the user has none")
        }
        var profile = try BehavioralProfile(record)
        var set = BehavioralProfileChange()
        (set.interests, set.score) = (change.interests, change.behavioralScore)
        profile.apply(set, at: now)
        try put(.behavioralProfile(id), profile.record)
    }
}
