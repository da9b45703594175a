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
                if event.category == nil, let product = event.productID {
                    event.category = try await scope.tenant.productCategories.category(of: product, in: scope.tenant.table, now: scope.now)
                }
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

    /// One portion of each user's events after the other, and those of all users at once, so that one commit has them together.
    private func take(
        _ byUser: [Addressee: [(place: Int, event: PreparedEvent)]], _ scope: Scope, _ rules: IntakeRules
    ) async throws(EngineError) -> [(Int, EventOutcome.Status)] {
        var statuses: [(Int, EventOutcome.Status)] = []
        var waiting = byUser.map { EventPortion.portions(of: $1, for: $0)[...] }
        while !waiting.isEmpty {
            let portions = waiting.map { $0[$0.startIndex] }
            let outcomes = try await take(portions, scope, rules)
            for (place, outcome) in outcomes.enumerated() {
                waiting[place].removeFirst()
                switch outcome {
                case .done(let some): statuses += zip(portions[place].events.map(\.place), some)
                case .again(let smaller): waiting[place].insert(contentsOf: smaller, at: waiting[place].startIndex)
                }
            }
            waiting.removeAll(where: \.isEmpty)
        }
        return statuses
    }

    private func take(
        _ portions: [EventPortion], _ scope: Scope, _ rules: IntakeRules
    ) async throws(EngineError) -> [EventPortion.Outcome] {
        var outcomes = [EventPortion.Outcome?](repeating: nil, count: portions.count)
        var intakes: [(place: Int, intake: UserIntake)] = []
        for (place, portion) in portions.enumerated() {
            if try scope.tenant.isSuppressed(portion.user.id) {
                outcomes[place] = .done(portion.events.map { _ in .rejected(.consent) })
            } else {
                intakes.append((place, await intake(portion, scope, rules)))
            }
        }
        let transactions = intakes.map { _, intake in FindingTransaction(keys: intake.likelyKeys(), body: intake.run) }
        let results = await scope.tenant.table.writeFinding(transactions, now: scope.now)
        let moved = zip(intakes, results).filter { (try? $1.get())?.hasTaken ?? false }.map(\.0.intake.user)
        await BehavioralProfiles().fileAnew(scope, moved)
        for (place, result) in zip(intakes.map(\.place), results) { outcomes[place] = try outcome(of: portions[place], result, rules) }
        return outcomes.compactMap(\.self)
    }

    private func intake(_ portion: EventPortion, _ scope: Scope, _ rules: IntakeRules) async -> UserIntake {
        // What cannot be read shows where it is needed.
        let known = try? await scope.knownState(of: portion.user.id)
        return UserIntake(
            user: portion.user.id, events: portion.events.map(\.event), rules: rules, now: scope.now,
            consent: scope.tenant.analyticsConsent, known: known,
            followsJoin: portion.user.isVisitor && portion.hops < Limits.joinHopsMax,
            credential: ConsentChangeRecord.CredentialKind(scope.principal.kind))
    }

    private func outcome(
        of portion: EventPortion, _ result: Result<IntakeResult?, EngineError>, _ rules: IntakeRules
    ) throws(EngineError) -> EventPortion.Outcome {
        switch result {
        case .success(let result?):
            if let redirect = result.redirect { return .again([portion.sentOn(to: redirect)]) }
            return .done(result.statuses)
        case .success(nil):
            // Spread over many days or visits they touch more items than one transaction may: half of them at a time.
            if portion.events.count > 1 { return .again(portion.halves) }
            return try refused(portion, EngineError(.internalError, "An event touches too many items."), rules)
        case .failure(let error): return try refused(portion, error, rules)
        }
    }

    /// Nothing was done. What is wrong with one event of a batch concerns no other.
    private func refused(
        _ portion: EventPortion, _ error: EngineError, _ rules: IntakeRules
    ) throws(EngineError) -> EventPortion.Outcome {
        guard rules.isBatch, [.internalError, .damaged].contains(error.code) else { throw error }
        if portion.events.count > 1 { return .again(portion.halves) }
        Self.logger.error("an event of a batch could not be taken", metadata: ["error": "\(error.code)"])
        return .done([.rejected(.invalid)])
    }
}

extension EventLog {
    /// Whatever names a user and a visitor joins the visitor to the user, also one of whom nothing is known yet.
    private func joinVisitors(
        of events: [Event], _ statuses: [EventOutcome.Status?], _ scope: Scope
    ) async throws(EngineError) {
        var joins: [VisitorJoin] = []
        var known: Set<VisitorJoin> = []
        for (event, status) in zip(events, statuses) where status == .accepted || status == .duplicate {
            guard event.userID != nil, event.anonymousID != nil || event.previousID != nil else { continue }
            guard let user = scope.subject(of: event), !PlaceholderIDs.standsForNobody(user) else { continue }
            for visitor in event.visitors where visitor != user {
                let join = VisitorJoin(
                    visitor: visitor, user: user, isTrusted: event.kind == .alias && scope.isServer,
                    isIdentified: event.kind == .identify && status == .accepted)
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

    /// Whether a page calls, with a key that everybody can read.
    var isBrowser: Bool { if case .key(.publishable) = principal.kind { true } else { false } }

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
