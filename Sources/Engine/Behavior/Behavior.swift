import Store
import Synchronization

/// What events have told of users: features, ratings, sessions, and the events themselves.
package struct Behavior: Sendable {
    /// The user's features as of now. A user never seen before has zeros and nothing else.
    package func features(_ scope: Scope, _ user: AuthorizedUser) async throws(EngineError) -> BehaviorFeatures {
        BehaviorFeatures(try await days(scope, user.id), now: scope.now)
    }

    /// Features of several users, in the order asked.
    package func features(_ scope: Scope, of users: [UserID]) async throws(EngineError) -> [BehaviorFeatures] {
        try scope.authorize(.extractFeatures)
        guard users.count <= Limits.usersPerExtractionMax else { throw .invalid("/user_ids", "must hold at most 1000 ids") }
        var features: [BehaviorFeatures] = []
        for user in users { features.append(BehaviorFeatures(try await days(scope, user), now: scope.now)) }
        return features
    }

    /// What the user thinks of a product, by the events with it that are kept; nothing where they do not allow `personalization`. Of
    /// somebody with very many events only the newest are looked at, so that no user's history makes others wait.
    package func rating(_ scope: Scope, _ user: AuthorizedUser, product: String) async throws(EngineError) -> ProductRating {
        guard try await allowsPersonalization(scope, user.id) else { return ProductRating() }
        var found: [(type: InteractionType, at: Timestamp)] = []
        var stars: (at: Timestamp, rating: Double)?
        try await forEachEvent(scope, try await scope.resolved(user.id), holding: product, bytesMax: Limits.ratedEventBytesMax) { event in
            guard !event.isBot, event.productID?.hasSameBytes(as: product) == true, let type = event.type else { return }
            found.append((type, event.at))
            if let rating = event.rating, stars.map({ event.at >= $0.at }) ?? true { stars = (event.at, rating) }
        }
        let implicit = ImplicitRating(found, now: scope.now, halfLifeDays: scope.tenant.ratingHalfLifeDays)
        return ProductRating(implicit: implicit, explicit: stars?.rating)
    }

    /// The session that is open, or was the last; nil where there is none.
    package func latestSession(_ scope: Scope, _ user: AuthorizedUser) async throws(EngineError) -> Session? {
        try await state(scope, try await scope.resolved(user.id))?.openSession
    }

    /// What the user prefers, each day's weight halved every 30 days since. Of somebody who does not allow `personalization` that is what
    /// is said of a user never seen before.
    package func preferences(_ scope: Scope, _ user: AuthorizedUser) async throws(EngineError) -> BehavioralPreferences {
        try await judgement(scope, user.id) ?? BehavioralPreferences([], now: scope.now)
    }

    /// What is said of the user: names with JSON values.
    package func traits(_ scope: Scope, _ user: AuthorizedUser) async throws(EngineError) -> [Trait] {
        let record = try await scope.tenant.table.get(
            .traits(try await scope.resolved(user.id)), as: TraitsRecord.self, now: scope.now)
        return record?.value.traits.map { Trait(name: $0.name, value: Array($0.value)) }.filter { !$0.isRemoval } ?? []
    }
}

extension Behavior {
    /// What behaviour says of the user; nil where they do not allow `personalization`: what they do is still counted where they allow
    /// `analytics`, and nothing is concluded from it.
    func judgement(_ scope: Scope, _ user: UserID) async throws(EngineError) -> BehavioralPreferences? {
        guard try await allowsPersonalization(scope, user) else { return nil }
        return BehavioralPreferences(try await days(scope, user, count: Limits.categoryWindowDays), now: scope.now)
    }

    func allowsPersonalization(_ scope: Scope, _ user: UserID) async throws(EngineError) -> Bool {
        let record = try await scope.tenant.table.get(.consent(try await scope.resolved(user)), as: ConsentRecord.self, now: scope.now)
        return ConsentState(record?.value, of: scope.tenant).allows(.personalization)
    }

    func state(_ scope: Scope, _ user: UserID) async throws(EngineError) -> BehaviorState? {
        try await scope.tenant.table.get(.behavior(user), as: BehaviorRecord.self, now: scope.now).map { BehaviorState($0.value) }
    }

    /// The newest days on which the user did something: one item for the last of them, one query for the others.
    /// - Parameter count: of days that end with today.
    func days(_ scope: Scope, _ user: UserID, count: Int = Limits.featureWindowDays) async throws(EngineError) -> [DayBucket] {
        let user = try await scope.resolved(user)
        guard let state = try await state(scope, user) else { return [] }
        var days = [state.latestDay].compactMap(\.self)
        let first = scope.now.utcDay - Int64(count)
        var isOver = false
        try await scope.tenant.table.forEachItem(
            in: Keyspace.partition(of: user), prefix: "DAY#", pageSize: min(count + 1, StoreLimits.itemsPerQueryMax), now: scope.now,
            while: { !isOver }
        ) { item throws(EngineError) in
            let day = DayBucket(try DayRecord(stored: item.item.payload))
            isOver = day.day < first
            // Between two reads a newer day may have begun: each day counts once.
            if !days.contains(where: { $0.day == day.day }) { days.append(day) }
        }
        return days
    }

    /// Calls `body` with the events of a user, page by page, the newest page first.
    /// - Parameters:
    ///   - text: only pages that hold these bytes are looked at.
    ///   - bytesMax: of stored events, that are read before it ends.
    func forEachEvent(
        _ scope: Scope, _ user: UserID, holding text: String, bytesMax: Int, _ body: (Event) throws(EngineError) -> Void
    ) async throws(EngineError) {
        let wanted = Array(text.utf8)
        var bytes = 0
        try await scope.tenant.table.forEachItem(
            in: Keyspace.partition(of: user), prefix: "EVENT#", pageSize: Self.eventPagesPerRead, now: scope.now,
            while: { bytes < bytesMax }
        ) { item throws(EngineError) in
            bytes += item.item.payload.count
            guard item.item.payload.holds(wanted) else { return }
            for record in try EventPageRecord(stored: item.item.payload).events {
                if let event = Event(record) { try body(event) }
            }
        }
    }

    private static let eventPagesPerRead = 100
}

extension Scope {
    /// The user whom a visitor has turned out to be, however often; anybody else is who they are. A user's own token is for that user
    /// alone: whatever was joined, it reaches nobody else.
    func resolved(_ user: UserID) async throws(EngineError) -> UserID { try await resolved(user, in: tenant.table) }

    func resolved(_ user: UserID, in table: Table) async throws(EngineError) -> UserID {
        if case .user = principal.kind { return user }
        var path = [user]
        while path.count <= Limits.joinHopsMax {
            let here = path[path.count - 1]
            guard let identity = try await table.get(.identity(here), as: IdentityRecord.self, now: now)?.value,
                identity.hasJoinedInto,
                !identity.isOneself(try await table.get(.behavior(here), as: BehaviorRecord.self, now: now)?.value)
            else { return here }
            let next = try UserID(identity.joinedInto)
            if path.contains(next) { return here }
            path.append(next)
        }
        return path[path.count - 1]
    }
}

extension Scope {
    /// Visitors that were joined to a user, without those that have come back since as users of their own.
    func joined(_ identity: IdentityRecord, in table: Table) async throws(EngineError) -> [UserID] {
        var joined: [UserID] = []
        for text in identity.joinedFrom {
            guard let visitor = try? UserID(text) else { continue }
            let own = try await table.get(.identity(visitor), as: IdentityRecord.self, now: now)?.value
            let behavior = try await table.get(.behavior(visitor), as: BehaviorRecord.self, now: now)?.value
            if own?.hasJoinedInto ?? false, own?.isOneself(behavior) ?? false { continue }
            joined.append(visitor)
        }
        return joined
    }
}

extension IdentityRecord {
    /// Whether the id stands for itself: it was not joined, or has come back since as a user of its own.
    func isOneself(_ behavior: BehaviorRecord?) -> Bool {
        guard hasJoinedInto else { return true }
        return isMoved && behavior.map { !$0.isAnonymous } ?? false
    }
}

extension Tenant {
    var ratingHalfLifeDays: Double {
        let days = state.withLock { $0.record.value.ratingHalfLifeDays }
        return days > 0 ? days : Limits.ratingHalfLifeDays
    }

    var explicitScoreDays: Int {
        let days = Int(state.withLock { $0.record.value.explicitScoreDays })
        return days > 0 ? days : Limits.explicitScoreDays
    }
}

extension [UInt8] {
    /// Whether these bytes occur.
    fileprivate func holds(_ wanted: [UInt8]) -> Bool {
        guard let first = wanted.first, count >= wanted.count else { return wanted.isEmpty }
        return withUnsafeBufferPointer { bytes in
            (0...(bytes.count - wanted.count)).contains { start in
                bytes[start] == first && bytes[start..<(start + wanted.count)].elementsEqual(wanted)
            }
        }
    }
}
