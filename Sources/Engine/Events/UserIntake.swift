import Store

/// Takes events of one user: a pure function from what the user's items hold to what they shall hold.
///
/// Whatever the events move (marks against duplicates, days, the session, traits, navigation) moves in this one transaction, and
/// each item is read and written once however many events there are.
struct UserIntake: Sendable {
    let user: UserID
    let events: [PreparedEvent]
    let rules: IntakeRules
    let now: Timestamp
    let consent: ConsentRequirement

    /// The items that are needed in most cases.
    /// - Parameter state: as it was a moment ago; nil: of a user never seen before.
    func likelyKeys(_ state: BehaviorState?) -> [Keyspace] {
        var keys: [Keyspace] = [.behavior(user), .identity(user)] + consent.keys(of: user)
        let times = events.map(\.event.at)
        if let tail = state?.tail, let first = times.min(), first >= tail.lastAt,
            first <= tail.firstAt.adding(seconds: Limits.eventPageSeconds)
        {
            keys.append(.eventPage(user, name: tail.name))
        } else if let first = events.min(by: { $0.event.at < $1.event.at }) {
            keys.append(.eventPage(user, name: Keyspace.timeName(first.event.at, digest: first.digest)))
        }
        if let day = state?.latestDay?.day, let last = times.max(), last.utcDay != day {
            keys.append(.day(user, min(day, last.utcDay)))
        }
        if state?.isSeenSharded == true {
            keys += Set(events.map { SeenMessages.shard(of: $0.digest) }).map { .seenMessages(user, shard: $0) }
        }
        return keys
    }

    func run(_ draft: inout IntakeDraft) throws(IntakeDraft.Interruption) -> Verdict<IntakeResult> {
        var result = IntakeResult()
        if let identity = try draft.get(.identity(user), as: IdentityRecord.self), identity.hasJoinedInto {
            result.redirect = try? UserID(identity.joinedInto)
            return .discard(result)
        }
        guard try consent.isGranted(by: user, in: &draft) else {
            result.statuses = events.map { _ in .rejected(.consent) }
            return .discard(result)
        }
        let record = try draft.get(.behavior(user), as: BehaviorRecord.self)
        var run = IntakeRun(self, record.map { BehaviorState($0) })
        result.statuses = try run.takeNew(in: &draft)
        guard result.statuses.contains(.accepted) else { return .discard(result) }
        try run.put(into: &draft)
        return .commit(result)
    }
}
