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
    /// The user's state as it was a moment ago: most often it still is, and need not be read apart again while others wait for the writer.
    /// nil: of a user never seen before.
    let known: Versioned<BehaviorState>?

    /// The items that are needed, as far as what is known tells: found out by a run that reads and writes nothing.
    func likelyKeys() -> [Keyspace] {
        var probe = IntakeDraft()
        var run = IntakeRun(self, known?.value)
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
        var run = IntakeRun(self, try state(in: &draft))
        result.statuses = try run.takeNew(in: &draft)
        guard result.statuses.contains(.accepted) else { return .discard(result) }
        try run.put(into: &draft)
        return .commit(result)
    }

    private func state(in draft: inout IntakeDraft) throws(IntakeDraft.Interruption) -> BehaviorState? {
        let version = try draft.version(of: .behavior(user))
        if let known, known.version == version { return known.value }
        return try draft.get(.behavior(user), as: BehaviorRecord.self).map { BehaviorState($0) }
    }
}
