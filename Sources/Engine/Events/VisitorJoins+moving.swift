import Store
import SwiftProtobuf
import Synchronization

/// The steps. Each takes something away from the visitor, so that none is taken twice.
extension VisitorJoins {
    /// - Returns: whether all has moved; false where the steps did not suffice.
    func finish(_ visitor: UserID, _ user: UserID, _ steps: JoinSteps) async throws(EngineError) -> Bool {
        let areMoved = try await each(of: visitor, "EVENT#", steps) { sort throws(EngineError) in
            try await moveEvents(String(sort), visitor, user)
        }
        guard areMoved else { return false }
        let sessionsMoved = try await each(of: visitor, "SESSION#", steps) { sort throws(EngineError) in
            try await moveSession(String(sort), visitor, user)
        }
        guard sessionsMoved, steps.take() else { return false }
        try await moveState(visitor, user)
        let daysGone = try await each(of: visitor, "DAY#", steps) { sort throws(EngineError) in
            guard let inverted = Int64(sort, radix: 16) else { return }
            try await table.write([.day(visitor, 0xFFFFF - inverted)], now: scope.now) { draft throws(EngineError) in
                draft.delete(.day(visitor, 0xFFFFF - inverted))
            }
        }
        guard daysGone, steps.take() else { return false }
        try await end(visitor)
        await BehavioralProfiles().fileAnew(scope, [user])
        return true
    }

    /// Calls `body` with what stands behind the prefix, until nothing with it is left.
    /// - Returns: false where the steps did not suffice.
    private func each(
        of visitor: UserID, _ prefix: String, _ steps: JoinSteps, _ body: (Substring) async throws(EngineError) -> Void
    ) async throws(EngineError) -> Bool {
        while true {
            let items = try await table.page(in: Keyspace.partition(of: visitor), prefix: prefix, limit: 100, now: scope.now)
            for item in items {
                guard steps.take() else { return false }
                try await body(String(decoding: item.sort, as: UTF8.self).dropFirst(prefix.count))
            }
            if items.isEmpty { return true }
        }
    }

    private func moveEvents(_ name: String, _ visitor: UserID, _ user: UserID) async throws(EngineError) {
        let source = Keyspace.eventPage(visitor, name: name)
        let user = try await scope.resolved(user)
        // A page that holds much goes in pieces: what has gone is taken off the page in the same transaction. Others may be moving it at
        // the same time: a piece counts only if it is of the page as it stands by then.
        while let page = try await table.get(source, as: EventPageRecord.self, now: scope.now) {
            let piece = Array(page.value.events.prefix(Limits.eventsPerJoinStep))
            let rest = EventPageRecord.with { $0.events = Array(page.value.events.dropFirst(piece.count)) }
            let intake = try intake(of: piece, visitor, user, try await scope.knownState(of: user))
            let isMoved: Void? = try await table.writeFinding(intake.likelyKeys() + [source], now: scope.now) {
                draft throws(IntakeDraft.Interruption) in
                // Whoever was erased meanwhile comes back by no page that was read before.
                guard try draft.version(of: source) == page.version else { return .discard(()) }
                let result = try intake.run(&draft).output
                guard result.redirect == nil else { throw .failed(EngineError(.conflict, "The user has been joined to another.")) }
                // A page that has come since has another name: the visitor has been redirected by now.
                if rest.events.isEmpty { try draft.delete(source) } else { try draft.put(source, rest) }
                return .commit(())
            }
            guard isMoved != nil else { throw EngineError(.internalError, "A step of a join touches too many items.") }
        }
    }

    private func intake(
        of records: [EventRecord], _ visitor: UserID, _ user: UserID, _ known: Versioned<BehaviorState>?
    ) throws(EngineError) -> UserIntake {
        var rules = scope.tenant.intakeRules
        rules.isReplay = true
        var events: [PreparedEvent] = []
        for record in records {
            guard var event = Event(record) else { continue }
            event.anonymousID = visitor
            event.userID = user
            event.cameUnderVisitor = true
            events.append(try PreparedEvent(event, receivedAt: Timestamp(milliseconds: record.receivedAt), table: table))
        }
        return UserIntake(user: user, events: events, rules: rules, now: scope.now, consent: .none, known: known)
    }

    private func moveSession(_ name: String, _ visitor: UserID, _ user: UserID) async throws(EngineError) {
        let user = try await scope.resolved(user)
        let (source, target) = (Keyspace.session(visitor, name: name), Keyspace.session(user, name: name))
        let days = Int64(scope.tenant.intakeRules.retentionDays)
        try await table.write([source, target], now: scope.now) { draft throws(EngineError) in
            guard let session = try draft.get(source, as: SessionRecord.self) else { return }
            let end = Timestamp(milliseconds: session.startedAt).adding(seconds: days * 86_400)
            try draft.put(target, session, expiresAt: end)
            draft.delete(source)
        }
    }

    /// The session that is open, the traits, and when the user was first seen.
    private func moveState(_ visitor: UserID, _ user: UserID) async throws(EngineError) {
        let user = try await scope.resolved(user)
        // A long visit over midnight moves more sums than one transaction may: then it stays two.
        for mayMerge in [true, false] {
            if try await moveState(visitor, user, mayMerge: mayMerge) { return }
        }
        throw EngineError(.internalError, "A step of a join touches too many items.")
    }

    /// - Returns: whether it could be done.
    private func moveState(_ visitor: UserID, _ user: UserID, mayMerge: Bool) async throws(EngineError) -> Bool {
        let keys: [Keyspace] = [.behavior(visitor), .behavior(user), .traits(visitor), .traits(user)]
        let days = scope.tenant.intakeRules.retentionDays
        let isMoved: Void? = try await table.writeFinding(keys, now: scope.now) { draft throws(IntakeDraft.Interruption) in
            guard let record = try draft.get(.behavior(visitor), as: BehaviorRecord.self) else { return .discard(()) }
            let own = BehaviorState(record)
            var other =
                try draft.get(.behavior(user), as: BehaviorRecord.self).map { BehaviorState($0) }
                ?? BehaviorState(now: scope.now, isAnonymous: false)
            other.firstSeenAt = min(other.firstSeenAt, own.firstSeenAt)
            let visits = JoinedVisits(own, other, mayMerge: mayMerge)
            other.openSession = visits.open
            other.sessions = visits.count
            if let closed = visits.closed {
                let end = closed.startedAt.adding(seconds: Int64(days) * 86_400)
                try draft.put(.session(user, name: closed.name), closed.record, expiresAt: end)
            }
            try NavigationSums.apply(visits.navigation, to: &draft, retentionDays: days)
            try draft.put(.behavior(user), other.record)
            try draft.delete(.behavior(visitor))
            if let traits = try draft.get(.traits(visitor), as: TraitsRecord.self) {
                var joined = try draft.get(.traits(user), as: TraitsRecord.self) ?? TraitsRecord()
                TraitsIntake.add(traits, to: &joined)
                try draft.put(.traits(user), joined)
                try draft.delete(.traits(visitor))
            }
            return .commit(())
        }
        return isMoved != nil
    }

    private func end(_ visitor: UserID) async throws(EngineError) {
        let pending = try table.pendingJoinKey(visitor)
        let shards = (0..<Limits.messageShards).map { Keyspace.seenMessages(visitor, shard: $0) }
        let isFirst = try await table.write([.identity(visitor), .joinCounter, pending] + shards, now: scope.now) {
            draft throws(EngineError) in
            guard var own = try draft.get(.identity(visitor), as: IdentityRecord.self), !own.isMoved else { return false }
            own.isMoved = true
            try draft.put(.identity(visitor), own)
            var counter = try draft.get(.joinCounter, as: JoinCounterRecord.self) ?? JoinCounterRecord()
            counter.joined += 1
            try draft.put(.joinCounter, counter)
            for key in [pending] + shards where draft.version(of: key) != 0 { draft.delete(key) }
            return true
        }
        if isFirst { scope.tenant.joinedVisitors.withLock { $0 += 1 } }
    }
}
