/// One run of an intake: the user's aggregates while events are added to them.
struct IntakeRun {
    private let intake: UserIntake
    private var state: BehaviorState
    private var taken: [PreparedEvent] = []
    /// Days besides the newest.
    private var otherDays: [Int64: DayBucket] = [:]
    private var shards: [Int: SeenMessages] = [:]
    /// Those of them that have been added to.
    private var grownShards: Set<Int> = []
    private var closedSessions: [Session] = []
    /// The open session as navigation has counted it.
    private var countedSession: Session?
    private var navigation: [NavigationChange] = []

    /// - Parameter state: nil: of a user never seen before.
    init(_ intake: UserIntake, _ state: BehaviorState?) {
        self.intake = intake
        self.state = state ?? BehaviorState(now: intake.now, isAnonymous: true)
        countedSession = self.state.openSession
    }

    private var user: UserID { intake.user }

    /// Adds the events that have not been taken before, the earliest first.
    /// - Returns: what became of each, in the order in which they came.
    mutating func takeNew(in draft: inout IntakeDraft) throws(IntakeDraft.Interruption) -> [EventOutcome.Status] {
        var statuses: [EventOutcome.Status] = []
        for event in intake.events {
            let isNew = try takeMark(of: event, in: &draft)
            statuses.append(isNew ? .accepted : .duplicate)
            if isNew { taken.append(event) }
        }
        // Stable: of events of one moment the first that came goes first.
        let order = taken.indices.sorted { (taken[$0].event.at, $0) < (taken[$1].event.at, $1) }
        taken = order.map { taken[$0] }
        for event in taken { try add(event, in: &draft) }
        return statuses
    }

    /// Counts events that are kept already, in the order in which they are given; the marks of those that may be sent again are set.
    mutating func countAnew(in draft: inout IntakeDraft) throws(IntakeDraft.Interruption) {
        for event in intake.events {
            if intake.now.seconds(since: event.receivedAt) <= Double(Limits.messageMemorySeconds) {
                _ = try takeMark(of: event, in: &draft)
            }
            try add(event, in: &draft)
        }
    }

    mutating func put(into draft: inout IntakeDraft) throws(IntakeDraft.Interruption) {
        try putPages(into: &draft)
        try TraitsIntake.apply(taken, of: user, saidBy: intake.credential, now: intake.now, to: &draft)
        try putCounts(into: &draft)
    }

    mutating func putCounts(into draft: inout IntakeDraft) throws(IntakeDraft.Interruption) {
        for (day, bucket) in otherDays {
            try draft.put(.day(user, day), bucket.record, expiresAt: expiry(ofDay: day))
        }
        for session in closedSessions {
            try draft.put(.session(user, name: session.name), session.record, expiresAt: expiry(of: session.startedAt))
        }
        for shard in grownShards {
            guard let seen = shards[shard] else { continue }
            try draft.put(.seenMessages(user, shard: shard), seen.record, expiresAt: shardsExpiry)
        }
        countNavigation()
        try NavigationSums.apply(navigation, to: &draft, retentionDays: intake.rules.retentionDays)
        try draft.put(.behavior(user), state.record)
    }

    private func expiry(of moment: Timestamp) -> Timestamp {
        moment.adding(seconds: Int64(intake.rules.retentionDays) * 86_400)
    }

    /// Whole days, so that what expires is not filed anew whenever something is added to it.
    private var shardsExpiry: Timestamp {
        let end = intake.now.adding(seconds: 2 * Int64(Limits.messageMemorySeconds))
        return Timestamp(seconds: (end.utcDay + 1) * 86_400)
    }

    /// Preferences look back over a window; whatever is older serves nobody.
    private func expiry(ofDay day: Int64) -> Timestamp {
        let days = min(Int64(intake.rules.retentionDays), Int64(Limits.categoryWindowDays)) + 1
        return Timestamp(seconds: (day + days) * 86_400)
    }

    private mutating func putPages(into draft: inout IntakeDraft) throws(IntakeDraft.Interruption) {
        var pages = EventPages(user: user, retentionDays: intake.rules.retentionDays)
        if let tail = state.tail, let first = taken.first { try pages.resume(tail, for: first.event.at, in: &draft) }
        for event in taken { pages.append(event) }
        let newest = try pages.put(into: &draft)
        if let newest, newest.lastAt >= state.tail?.lastAt ?? newest.lastAt { state.tail = newest }
    }
}

/// Marks against duplicates.
extension IntakeRun {
    private mutating func takeMark(of event: PreparedEvent, in draft: inout IntakeDraft) throws(IntakeDraft.Interruption) -> Bool {
        // Of a visitor's past, what was received long ago is not sent again.
        if intake.rules.isReplay, intake.now.seconds(since: event.receivedAt) > Double(Limits.messageMemorySeconds) { return true }
        guard !state.seen.contains(event.digest) else { return false }
        if state.isSeenSharded, try shard(SeenMessages.shard(of: event.digest), in: &draft).contains(event.digest) { return false }
        state.seen.insert(event.digest, now: intake.now)
        if state.seen.count > Limits.messagesInlineMax { try spread(in: &draft) }
        return true
    }

    private mutating func shard(_ shard: Int, in draft: inout IntakeDraft) throws(IntakeDraft.Interruption) -> SeenMessages {
        if let seen = shards[shard] { return seen }
        let record = try draft.get(.seenMessages(user, shard: shard), as: SeenRecord.self)
        let seen = record.map { SeenMessages($0) } ?? SeenMessages(now: intake.now)
        shards[shard] = seen
        return seen
    }

    /// Message ids have become too many to be written anew with every event: most of them go to items of their own, which other events
    /// then only look into, one each.
    private mutating func spread(in draft: inout IntakeDraft) throws(IntakeDraft.Interruption) {
        let waiting = Dictionary(grouping: state.seen.old + state.seen.young, by: SeenMessages.shard)
        let fullest = waiting.sorted { ($0.value.count, $1.key) > ($1.value.count, $0.key) }.prefix(Limits.shardsPerSpread)
        // All at once: it is one more run, not one for each.
        try draft.require(fullest.map { .seenMessages(user, shard: $0.key) })
        for (shard, digests) in fullest {
            var seen = try self.shard(shard, in: &draft)
            let written = grownShards.reduce(0) { $0 + (shards[$1]?.count ?? 0) }
            // The items of somebody with very many messages are large: one of them is enough to go on.
            guard written == 0 || grownShards.contains(shard) || written + seen.count <= Limits.messagesSpreadMax else { continue }
            for digest in digests { seen.insert(digest, now: intake.now) }
            shards[shard] = seen
            grownShards.insert(shard)
            state.seen.forget(shard: shard)
        }
        state.isSeenSharded = true
    }
}

/// Days, sessions and what navigation counts.
extension IntakeRun {
    private mutating func add(_ event: PreparedEvent, in draft: inout IntakeDraft) throws(IntakeDraft.Interruption) {
        let at = event.event.at
        state.firstSeenAt = min(state.firstSeenAt, at)
        state.lastSeenAt = max(state.lastSeenAt, at)
        if event.event.userID != nil { state.isAnonymous = false }
        guard let counted = event.counted else { return }
        if !counted.isMeasurement { state.countedEvents += 1 }
        try addToDay(counted, in: &draft)
        if !intake.rules.isReplay { try addToSession(event, counted, in: &draft) }
    }

    private mutating func addToDay(_ event: CountedEvent, in draft: inout IntakeDraft) throws(IntakeDraft.Interruption) {
        let day = event.at.utcDay
        guard let latest = state.latestDay, latest.day >= day else {
            // The newest day lies with the state alone until there is a newer one.
            if let latest = state.latestDay { otherDays[latest.day] = latest }
            state.latestDay = DayBucket(day: day)
            state.latestDay?.count(event)
            return
        }
        if latest.day == day {
            state.latestDay?.count(event)
        } else {
            var bucket: DayBucket
            if let known = otherDays[day] { bucket = known } else { bucket = try storedDay(day, in: &draft) }
            bucket.count(event)
            otherDays[day] = bucket
        }
    }

    private func storedDay(_ day: Int64, in draft: inout IntakeDraft) throws(IntakeDraft.Interruption) -> DayBucket {
        try draft.get(.day(user, day), as: DayRecord.self).map { DayBucket($0) } ?? DayBucket(day: day)
    }

    private mutating func addToSession(
        _ event: PreparedEvent, _ counted: CountedEvent, in draft: inout IntakeDraft
    ) throws(IntakeDraft.Interruption) {
        let clientID = event.event.sessionID
        switch state.openSession?.fit(of: counted.began, clientID: clientID) {
        case .before: return
        case .after, nil:
            // What only measures a page begins no visit.
            guard !counted.isMeasurement else { return }
            if let open = state.openSession { closedSessions.append(open) }
            countNavigation()
            countedSession = nil
            let name = Keyspace.timeName(counted.at, digest: event.digest)
            state.openSession = Session(name: name, clientID: clientID, startedAt: counted.at, isReturn: state.sessions > 0)
            state.sessions += 1
        case .within: break
        }
        state.openSession?.count(counted, page: event.page, clientID: clientID)
    }

    private mutating func countNavigation() {
        guard let session = state.openSession else { return }
        navigation += NavigationChange.all(from: countedSession, to: session)
        countedSession = session
    }
}
