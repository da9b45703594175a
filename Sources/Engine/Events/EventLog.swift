import Logging
import Store
import Synchronization
import Tokens

/// Takes events, and reads them back. A taken event is on disk, and all that it moves with it, when the call returns.
package struct EventLog: Sendable {
    private static let logger = Logger(label: "attune.events")

    /// Takes events of any users, each user's in one transaction or a few.
    /// - Parameter events: valid ones, as `SegmentReader` makes them.
    /// - Returns: what became of each, in their order.
    package func record(_ scope: Scope, _ events: [Event]) async throws(EngineError) -> [EventOutcome] {
        try scope.authorize(.sendEvents)
        var rules = scope.tenant.intakeRules
        rules.isBatch = events.count > 1
        var statuses = [EventOutcome.Status?](repeating: nil, count: events.count)
        var byUser: [Addressee: [(place: Int, event: PreparedEvent)]] = [:]
        for (place, event) in events.enumerated() {
            if let refusal = refusal(of: event, scope, rules) {
                statuses[place] = .rejected(refusal)
            } else if let user = scope.subject(of: event) {
                var event = event
                if case .user = scope.principal.kind { event.userID = user }
                let addressee = Addressee(id: user, isVisitor: event.userID == nil)
                byUser[addressee, default: []].append((place, try PreparedEvent(event, receivedAt: scope.now, table: scope.tenant.table)))
            }
        }
        for (place, status) in try await take(byUser, scope, rules) { statuses[place] = status }
        try await joinVisitors(of: events, statuses, scope)
        return zip(events, statuses).map { EventOutcome(messageID: $0.messageID, status: $1 ?? .rejected(.invalid)) }
    }

    private func refusal(of event: Event, _ scope: Scope, _ rules: IntakeRules) -> EventOutcome.Reason? {
        guard scope.maySend(event) else { return .forbidden }
        let oldest = scope.now.adding(seconds: -Int64(rules.retentionDays) * 86_400)
        let newest = scope.now.adding(seconds: Int64(Limits.eventAheadSecondsMax))
        return event.at > oldest && event.at <= newest ? nil : .timestamp
    }

    private func take(
        _ byUser: [Addressee: [(place: Int, event: PreparedEvent)]], _ scope: Scope, _ rules: IntakeRules
    ) async throws(EngineError) -> [(Int, EventOutcome.Status)] {
        if byUser.count == 1, let (user, events) = byUser.first {
            let statuses = try await take(events.map(\.event), of: user, scope, rules)
            return Array(zip(events.map(\.place), statuses))
        }
        // All at once, so that one commit has them together.
        let results = await withTaskGroup(of: Result<[(Int, EventOutcome.Status)], EngineError>.self) { group in
            for (user, events) in byUser {
                group.addTask {
                    do throws(EngineError) {
                        let statuses = try await take(events.map(\.event), of: user, scope, rules)
                        return .success(Array(zip(events.map(\.place), statuses)))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            var results: [Result<[(Int, EventOutcome.Status)], EngineError>] = []
            for await result in group { results.append(result) }
            return results
        }
        var statuses: [(Int, EventOutcome.Status)] = []
        for result in results { statuses += try result.get() }
        return statuses
    }

    /// One user's events, in transactions of a bounded size.
    /// - Parameter hops: how often the events have been sent on from a visitor to whom that one has turned out to be.
    private func take(
        _ events: [PreparedEvent], of user: Addressee, _ scope: Scope, _ rules: IntakeRules, hops: Int = 0
    ) async throws(EngineError) -> [EventOutcome.Status] {
        if try scope.tenant.isSuppressed(user.id) { return events.map { _ in .rejected(.consent) } }
        // What cannot be read shows where it is needed.
        let known = try? await scope.knownState(of: user.id)
        var statuses: [EventOutcome.Status] = []
        for start in stride(from: 0, to: events.count, by: Limits.eventsPerTransactionMax) {
            let some = Array(events[start..<min(start + Limits.eventsPerTransactionMax, events.count)])
            statuses += try await take(some, of: user, known, scope, rules, hops)
        }
        return statuses
    }

    /// - Parameter known: the user's state a moment ago.
    private func take(
        _ events: [PreparedEvent], of user: Addressee, _ known: Versioned<BehaviorState>?, _ scope: Scope, _ rules: IntakeRules, _ hops: Int
    ) async throws(EngineError) -> [EventOutcome.Status] {
        let intake = UserIntake(
            user: user.id, events: events, rules: rules, now: scope.now, consent: scope.tenant.analyticsConsent, known: known,
            followsJoin: user.isVisitor && hops < Limits.joinHopsMax)
        var result: IntakeResult?
        do throws(EngineError) {
            result = try await scope.tenant.table.writeFinding(intake.likelyKeys(), now: scope.now) {
                draft throws(IntakeDraft.Interruption) in try intake.run(&draft)
            }
            if result == nil, events.count == 1 { throw EngineError(.internalError, "An event touches too many items.") }
        } catch {
            // Nothing was done. What is wrong with one event of a batch concerns no other.
            guard rules.isBatch, [.internalError, .damaged].contains(error.code) else { throw error }
            if events.count == 1 {
                Self.logger.error("an event of a batch could not be taken", metadata: ["error": "\(error.code)"])
                return [.rejected(.invalid)]
            }
            result = nil
        }
        guard let result else {
            // Spread over many days or visits they touch more items than one transaction may: half of them at a time.
            let half = events.count / 2
            return try await take(Array(events.prefix(half)), of: user, known, scope, rules, hops)
                + take(Array(events.dropFirst(half)), of: user, known, scope, rules, hops)
        }
        guard let redirect = result.redirect else {
            if result.hasProfile { await BehavioralProfiles().fileAnew(scope, user.id) }
            return result.statuses
        }
        return try await take(events, of: Addressee(id: redirect, isVisitor: true), scope, rules, hops: hops + 1)
    }
}

/// Whom events are for, and whether they name them as a visitor.
private struct Addressee: Hashable {
    let id: UserID
    let isVisitor: Bool
}

extension EventLog {
    /// `alias` and a first login join an anonymous visitor to the user.
    private func joinVisitors(
        of events: [Event], _ statuses: [EventOutcome.Status?], _ scope: Scope
    ) async throws(EngineError) {
        var joins: [VisitorJoin] = []
        var known: Set<VisitorJoin> = []
        for (event, status) in zip(events, statuses) where status == .accepted || status == .duplicate {
            guard let user = scope.subject(of: event), event.userID != nil else { continue }
            for visitor in [event.anonymousID, event.previousID].compactMap(\.self) where visitor != user {
                let join = VisitorJoin(visitor: visitor, user: user, isTrusted: event.kind == .alias && scope.isServer)
                if known.insert(join).inserted { joins.append(join) }
            }
        }
        if !joins.isEmpty { try await VisitorJoins(scope: scope).join(joins) }
    }
}

extension Scope {
    /// What is kept of a user's behaviour in one item, as of now.
    func knownState(of user: UserID) async throws(EngineError) -> Versioned<BehaviorState>? {
        let record = try await tenant.table.get(.behavior(user), as: BehaviorRecord.self, now: now)
        return record.map { Versioned(BehaviorState($0.value), version: $0.version) }
    }

    /// Whether a tenant's own server or operator calls.
    package var isServer: Bool {
        switch principal.kind {
        case .key(.secret), .operatorConsole: true
        case .key, .user: false
        }
    }

    /// Whether an operator calls at the command line, for whom nobody waits.
    var isConsole: Bool { if case .operatorConsole = principal.kind { true } else { false } }

    /// Whose event it is: a token's own user's, else whom the event names.
    func subject(of event: Event) -> UserID? {
        if case .user(let own, _) = principal.kind { return own }
        return event.userID ?? event.anonymousID
    }

    /// A token sends events of its own user only.
    func maySend(_ event: Event) -> Bool {
        guard case .user(let own, _) = principal.kind else { return true }
        return event.userID.map { $0 == own } ?? true
    }
}

extension Tenant {
    var intakeRules: IntakeRules {
        state.withLock { state in
            let days = Int(state.record.value.retentionDays)
            return IntakeRules(retentionDays: days == 0 ? Limits.retentionDaysDefault : days)
        }
    }

    var analyticsConsent: ConsentRequirement { ConsentRequirement(.analytics, defaults: consentDefaults) }
}
