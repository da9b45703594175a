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

    /// The items that are needed, as far as a look at the user a moment ago tells: found out by a run that reads and writes nothing.
    /// - Parameter state: as it was a moment ago; nil: of a user never seen before.
    func likelyKeys(_ state: BehaviorState?) -> [Keyspace] {
        var probe = IntakeDraft()
        var run = IntakeRun(self, state)
        // A probe is never interrupted.
        _ = try? run.takeNew(in: &probe)
        try? run.put(into: &probe)
        let usual: [Keyspace] = [.identity(user)] + consent.keys(of: user)
        return usual + probe.missing.filter { !usual.contains($0) }
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
