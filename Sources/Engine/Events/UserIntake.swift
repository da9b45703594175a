import Store

/// Takes events of one user: a pure function from what the user's items hold to what they shall hold.
///
/// Whatever the events move (marks against duplicates, days, the session, traits, navigation) moves in this one transaction, and
/// each item is read and written once however many events there are.
struct UserIntake: Sendable {
    let user: UserID
    private(set) var events: [PreparedEvent]
    let rules: IntakeRules
    let now: Timestamp
    let consent: ConsentRequirement
    /// The user's state as it was a moment ago: most often it still is, and need not be read apart again while others wait for the writer.
    /// nil: of a user never seen before.
    let known: Versioned<BehaviorState>?

    /// Whether the id may stand for somebody else: only what names no user is a visitor's, and goes where the visitor went.
    var followsJoin = true
    /// What kind of credential the events have come with.
    var credential = ConsentChangeRecord.CredentialKind.unknown

    /// Visitors that the events name besides the user: what one of them has refused is not stored for the user either.
    private var visitors: [UserID] {
        Set(events.compactMap(\.event.anonymousID)).filter { $0 != user && !PlaceholderIDs.standsForNobody($0) }.sorted {
            $0.text < $1.text
        }
    }

    /// The items that are needed, as far as what is known tells: found out by a run that reads and writes nothing.
    func likelyKeys() -> [Keyspace] {
        var probe = IntakeDraft()
        var run = IntakeRun(self, known?.value)
        // A probe is never interrupted.
        _ = try? run.takeNew(in: &probe)
        try? run.put(into: &probe)
        let usual = [.identity(user)] + ([user] + visitors).flatMap { consent.keys(of: $0) }
        return usual + probe.missing.filter { !usual.contains($0) }
    }

    func run(_ draft: inout IntakeDraft) throws(IntakeDraft.Interruption) -> Verdict<IntakeResult> {
        var result = IntakeResult()
        let target = try joinedUser(in: &draft)
        let hasAdopted = if target == nil { try adoptAnswers(in: &draft) } else { false }
        let isGranted = if target == nil { try consent.isGranted(by: user, in: &draft) } else { true }
        var allowed: [PreparedEvent] = []
        for event in events {
            var isAllowed = isGranted
            // What a stranger of the same id has refused is not refused for a user.
            if let visitor = event.event.anonymousID, visitor == user || !PlaceholderIDs.standsForNobody(visitor),
                try consent.isRefused(by: visitor, in: &draft)
            {
                isAllowed = false
            }
            if isAllowed { allowed.append(event) }
            result.statuses.append(isAllowed ? .accepted : .rejected(.consent))
        }
        guard !allowed.isEmpty else { return hasAdopted ? .commit(result) : .discard(result) }
        if let target {
            result.redirect = target
            return .discard(result)
        }
        var intake = self
        intake.events = allowed
        var run = IntakeRun(intake, try state(in: &draft))
        var taken = try run.takeNew(in: &draft)[...]
        result.statuses = result.statuses.map { $0 == .accepted ? taken.removeFirst() : $0 }
        guard result.statuses.contains(.accepted) else { return hasAdopted ? .commit(result) : .discard(result) }
        try run.put(into: &draft)
        return .commit(result)
    }

    /// What visitors have answered a banner becomes the answer of the user whom an event names beside them.
    private func adoptAnswers(in draft: inout IntakeDraft) throws(IntakeDraft.Interruption) -> Bool {
        guard !rules.isReplay else { return false }
        var hasAdopted = false
        var known: Set<UserID> = []
        for prepared in events where prepared.event.userID != nil {
            for visitor in prepared.event.visitors where visitor != user {
                guard known.insert(visitor).inserted else { continue }
                let answers = VisitorConsent(
                    visitor: visitor, user: user, now: now, credential: credential, number: prepared.digest)
                if try answers.adopt(in: &draft) { hasAdopted = true }
            }
        }
        return hasAdopted
    }

    /// The user whom the id stands for by now; nil: itself.
    private func joinedUser(in draft: inout IntakeDraft) throws(IntakeDraft.Interruption) -> UserID? {
        guard followsJoin, !PlaceholderIDs.standsForNobody(user), let identity = try draft.get(.identity(user), as: IdentityRecord.self),
            identity.hasJoinedInto
        else {
            return nil
        }
        guard !identity.isOneself(try draft.get(.behavior(user), as: BehaviorRecord.self)) else { return nil }
        return try? UserID(identity.joinedInto)
    }

    private func state(in draft: inout IntakeDraft) throws(IntakeDraft.Interruption) -> BehaviorState? {
        let version = try draft.version(of: .behavior(user))
        if let known, known.version == version { return known.value }
        return try draft.get(.behavior(user), as: BehaviorRecord.self).map { BehaviorState($0) }
    }
}
