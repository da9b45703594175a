/// What a request that carries events has come to: each event's fate, in their order.
package struct EventIntake: Sendable {
    private let log = EventLog()
    let meters = EventMeters()

    package init() {}

    /// How events have come here, besides themselves.
    package struct Circumstances: Sendable {
        package var userAgent = ""
        /// `Sec-GPC: 1`: nothing of the request is stored.
        package var isOptedOut = false
        /// Of the request; events without an id of their own get one that follows from it, so that sending again doubles nothing.
        package var idempotencyKey: String?
        /// The request's method and path: the same key on another route is another key.
        package var route: [String] = []

        package init() {}
    }

    package func reader(_ scope: Scope, _ circumstances: Circumstances) throws(EngineError) -> SegmentReader {
        var makeMessageID: @Sendable (Int) -> String = { _ in Self.randomID() }
        if let key = circumstances.idempotencyKey {
            let seed = try scope.tenant.table.digest(([scope.principal.credentialID, key] + circumstances.route).map { Array($0.utf8) })
            makeMessageID = { "\(seed)-\($0)" }
        }
        var reader = SegmentReader(receivedAt: scope.now, makeMessageID: makeMessageID)
        reader.isBot = BotAgents.isBot(circumstances.userAgent)
        if case .user(let own, _) = scope.principal.kind { reader.owner = own }
        return reader
    }

    /// Takes one event.
    /// - Throws: what is wrong with it.
    package func take(
        _ scope: Scope, _ event: Result<Event, SegmentReader.Refusal>, _ circumstances: Circumstances
    ) async throws(EngineError) -> EventOutcome {
        if case .failure(let refusal) = event, refusal.reason != .tooLarge {
            meters.count(refusal.reason)
            throw .invalid(refusal.violations)
        }
        let outcome = try await take(scope, [event], circumstances)[0]
        switch outcome.status {
        case .rejected(.forbidden): throw EngineError(.forbidden, "This token is for another user.")
        case .rejected(.timestamp): throw .invalid("/timestamp", "must lie within what is kept, and not more than 5 minutes ahead")
        default: return outcome
        }
    }

    /// Takes events one by one: what is wrong with one concerns no other.
    package func take(
        _ scope: Scope, _ events: [Result<Event, SegmentReader.Refusal>], _ circumstances: Circumstances
    ) async throws(EngineError) -> [EventOutcome] {
        try scope.authorize(.sendEvents)
        let valid = events.compactMap { try? $0.get() }
        var taken: [EventOutcome]
        if circumstances.isOptedOut {
            taken = valid.map { EventOutcome(messageID: $0.messageID, status: .rejected(.consent)) }
        } else {
            taken = try await log.record(scope, valid)
        }
        taken.reverse()
        let outcomes = events.map { event in
            switch event {
            case .success: taken.removeLast()
            case .failure(let refusal): EventOutcome(messageID: refusal.messageID, status: .rejected(refusal.reason))
            }
        }
        meters.count(outcomes)
        return outcomes
    }

    /// The one person, or visitor, whom all of the events are about; nil where there are several, or none.
    package func person(of events: [Result<Event, SegmentReader.Refusal>], _ scope: Scope) -> AuthorizedUser? {
        var person: UserID?
        for event in events {
            guard case .success(let event) = event, let user = scope.subject(of: event), scope.maySend(event) else { continue }
            guard person == nil || person == user else { return nil }
            person = user
        }
        return person.map { AuthorizedUser(own: $0) }
    }

    private static func randomID() -> String {
        let digits = [UInt64.random(in: 0...UInt64.max), UInt64.random(in: 0...UInt64.max)].map { number in
            let text = String(number, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }
        return "attune-" + digits.joined()
    }
}
