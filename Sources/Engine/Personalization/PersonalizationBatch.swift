import Store
import SwiftProtobuf

/// One use of a feature, or one outcome of a type of content, among others of a batch.
package struct PersonalizationItem: Sendable {
    package enum Fact: Sendable {
        /// - Parameter at: nil: now.
        case feature(String, at: Timestamp?)
        case content(String, success: Bool)
    }

    /// The item's own id, under which it counts once in at least 48 hours; nil: it has none.
    package let id: String?
    package let user: UserID
    package let fact: Fact

    /// - Throws: `.invalid` for a name or a time that no single request could bring.
    package init(id: String?, user: UserID, fact: Fact, now: Timestamp) throws(EngineError) {
        if let id, !(1...Limits.messageIDBytesMax).contains(id.utf8.count) { throw .invalid("/id", "must be 1 to 256 bytes long") }
        switch fact {
        case .feature(let feature, let at):
            try ProfileValidation.featureName(feature)
            if let at { try ProfileValidation.moment(at, now: now) }
        case .content(let contentType, _): try ProfileValidation.contentType(contentType)
        }
        (self.id, self.user, self.fact) = (id, user, fact)
    }

    private init(_ item: PersonalizationItem, id: String) {
        (self.id, user, fact) = (id, item.user, item.fact)
    }

    /// The item with an id that follows from the request's `Idempotency-Key`, where it has none of its own: sending the batch again counts
    /// nothing twice, also where the first answer was lost with the process.
    /// - Parameter place: of the item in the batch.
    package func identified(by key: String, place: Int, _ scope: Scope) throws(EngineError) -> PersonalizationItem {
        guard id == nil else { return self }
        let seed = try scope.tenant.table.digest([scope.principal.credentialID, key, "batch-item"].map { Array($0.utf8) })
        return PersonalizationItem(self, id: "\(seed)-\(place)")
    }
}

extension Personalization {
    package enum ItemStatus: Sendable, Equatable {
        case accepted, duplicate
        /// The user does not allow `personalization`, or processing is restricted.
        case refused
    }

    /// Records many items, each user's in one transaction.
    /// - Returns: what became of each, in their order.
    package func record(_ scope: Scope, _ items: [PersonalizationItem]) async throws(EngineError) -> [ItemStatus] {
        try scope.authorize(.recordForUsers)
        var statuses = [ItemStatus](repeating: .refused, count: items.count)
        let byUser = Dictionary(grouping: items.indices) { items[$0].user }
        typealias Body = @Sendable (inout TableDraft) throws(EngineError) -> Verdict<[ItemStatus]>
        var groups: [(places: [Int], keys: [Keyspace], body: Body)] = []
        for (user, places) in byUser where try !scope.tenant.isSuppressed(user) {
            var facts: [(digest: UInt64?, fact: PersonalizationItem.Fact)] = []
            for place in places {
                let id = items[place].id
                facts.append(
                    (try id.map { text throws(EngineError) in try scope.tenant.table.number("item", text.utf8) }, items[place].fact))
            }
            let (key, consent, all) = (Keyspace.personalization(user), Keyspace.consent(user), facts)
            groups.append(
                (places, [key, consent], { table throws(EngineError) in try Self.record(all, key, consent, scope, in: &table) }))
        }
        let results = await scope.tenant.table.decide(groups.map { ($0.keys, $0.body) }, now: scope.now)
        for (group, result) in zip(groups, results) {
            for (place, status) in zip(group.places, try result.get()) {
                statuses[place] = status
                guard status == .accepted else { continue }
                if case .feature = items[place].fact { scope.tenant.activity.countUse() } else { scope.tenant.activity.countOutcome() }
            }
        }
        return statuses
    }

    private static func record(
        _ facts: [(digest: UInt64?, fact: PersonalizationItem.Fact)], _ key: Keyspace, _ consent: Keyspace, _ scope: Scope,
        in table: inout TableDraft
    ) throws(EngineError) -> Verdict<[ItemStatus]> {
        guard PersonalizationConsent.isGiven(try table.get(consent, as: ConsentRecord.self), of: scope.tenant) else {
            return .discard(facts.map { _ in .refused })
        }
        var profile = try table.get(key, as: PersonalizationRecord.self).map { PersonalizationProfile($0) } ?? PersonalizationProfile()
        var statuses: [ItemStatus] = []
        for (digest, fact) in facts {
            if let digest {
                var seen = profile.seenItems ?? SeenMessages(now: scope.now)
                if seen.contains(digest) {
                    statuses.append(.duplicate)
                    continue
                }
                seen.insert(digest, now: scope.now)
                seen.forget(beyond: Limits.seenItemsPerProfileMax)
                profile.seenItems = seen
            }
            switch fact {
            case .feature(let feature, let at): profile.recordFeature(feature, at: at ?? scope.now, now: scope.now)
            case .content(let contentType, let success): profile.recordContent(contentType, success: success, at: scope.now)
            }
            statuses.append(.accepted)
        }
        guard statuses.contains(.accepted) else { return .discard(statuses) }
        try table.put(key, profile.record)
        return .commit(statuses)
    }
}
