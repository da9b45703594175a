import Logging
import Store
import SwiftProtobuf
import Synchronization

/// Joins an anonymous visitor to the user that it has turned out to be: events, days, sessions and traits move, and what comes for the
/// visitor from then on goes to the user.
///
/// A job of bounded transactions: it is written down with the first, and taken up again after a crash. Doing it twice does nothing.
struct VisitorJoins: Sendable {
    private static let logger = Logger(label: "attune.joins")

    let scope: Scope

    private var table: Table { scope.tenant.table }

    /// - Parameter isTrusted: whether the caller may also join a known user, as a tenant's server may.
    func join(_ visitor: UserID, into user: UserID, isTrusted: Bool) async throws(EngineError) {
        // Who is joined to another already stands for that one.
        let user = try await scope.resolved(user)
        guard visitor != user, try await begin(visitor, user, isTrusted: isTrusted) else { return }
        // It is written down by now: what cannot be moved at the moment is when they come together again, or at the next start.
        do throws(EngineError) { try await finish(visitor, user) } catch { note(error) }
    }

    /// Takes up what a crash has left, and loads how many were joined.
    func resume() async {
        do throws(EngineError) {
            let counter = try await table.get(.joinCounter, as: JoinCounterRecord.self, now: scope.now)
            scope.tenant.joinedVisitors.withLock { $0 = Int(clamping: counter?.value.joined ?? 0) }
            let pending = try await table.all(in: Keyspace.partition(.joins), prefix: "JOIN#", as: PendingJoinRecord.self, now: scope.now)
            for join in pending { await resume(join.value) }
        } catch {
            note(error)
        }
    }

    private func resume(_ join: PendingJoinRecord) async {
        do throws(EngineError) {
            try await finish(try UserID(join.visitor), try UserID(join.user))
        } catch {
            note(error)
        }
    }

    /// What cannot be moved stays written down; others, and the server's start, shall not wait for it.
    private func note(_ error: EngineError) {
        Self.logger.warning("a visitor's past could not be moved", metadata: ["error": "\(error.code)"])
    }

    private func pending(_ visitor: UserID) throws(EngineError) -> Keyspace { try table.pendingJoinKey(visitor) }

    /// - Returns: whether there is something to move.
    private func begin(_ visitor: UserID, _ user: UserID, isTrusted: Bool) async throws(EngineError) -> Bool {
        // Most visitors that come with a user have no past of their own: found out without the writer.
        guard let known = try await table.get(.behavior(visitor), as: BehaviorRecord.self, now: scope.now),
            known.value.isAnonymous || isTrusted
        else { return false }
        let (pending, consent) = (try pending(visitor), scope.tenant.analyticsConsent)
        let signs: [Keyspace] = [.personalization(visitor), .consent(visitor), .behavioralProfile(visitor)]
        let keys: [Keyspace] = [.identity(visitor), .identity(user), .behavior(visitor), .behavior(user), pending] + signs
        let isBegun = try await table.writeFinding(keys + consent.keys(of: user), now: scope.now) {
            draft throws(IntakeDraft.Interruption) in
            var own = try draft.get(.identity(visitor), as: IdentityRecord.self) ?? IdentityRecord()
            if own.hasJoinedInto { return .discard(!own.isMoved && own.joinedInto.hasSameBytes(as: user.text)) }
            var other = try draft.get(.identity(user), as: IdentityRecord.self) ?? IdentityRecord()
            guard let behavior = try draft.get(.behavior(visitor), as: BehaviorRecord.self),
                other.isOneself(try draft.get(.behavior(user), as: BehaviorRecord.self)),
                other.joinedFrom.count + own.joinedFrom.count < Limits.joinedVisitorsMax,
                try consent.isGranted(by: user, in: &draft), try !consent.isRefused(by: visitor, in: &draft)
            else { return .discard(false) }
            if !isTrusted {
                // An id that more is known of than events without a user is no visitor's: nobody takes it by naming it.
                guard behavior.isAnonymous, own.joinedFrom.isEmpty else { return .discard(false) }
                for sign in signs where try draft.version(of: sign) != 0 { return .discard(false) }
            }
            other.joinedFrom += own.joinedFrom + [visitor.text]
            own.joinedInto = user.text
            try draft.put(.identity(visitor), own)
            try draft.put(.identity(user), other)
            try draft.put(
                pending,
                PendingJoinRecord.with {
                    $0.visitor = visitor.text
                    $0.user = user.text
                })
            return .commit(true)
        }
        return isBegun ?? false
    }

    private func finish(_ visitor: UserID, _ user: UserID) async throws(EngineError) {
        try await each(of: visitor, "EVENT#") { sort throws(EngineError) in try await moveEvents(String(sort), visitor, user) }
        try await each(of: visitor, "SESSION#") { sort throws(EngineError) in try await moveSession(String(sort), visitor, user) }
        try await moveState(visitor, user)
        try await each(of: visitor, "DAY#") { sort throws(EngineError) in
            guard let inverted = Int64(sort, radix: 16) else { return }
            try await table.write([.day(visitor, 0xFFFFF - inverted)], now: scope.now) { draft throws(EngineError) in
                draft.delete(.day(visitor, 0xFFFFF - inverted))
            }
        }
        try await end(visitor)
    }

    /// Calls `body` with what stands behind the prefix, until nothing with it is left.
    private func each(
        of visitor: UserID, _ prefix: String, _ body: (Substring) async throws(EngineError) -> Void
    ) async throws(EngineError) {
        while true {
            let items = try await table.page(in: Keyspace.partition(of: visitor), prefix: prefix, limit: 100, now: scope.now)
            for item in items { try await body(String(decoding: item.sort, as: UTF8.self).dropFirst(prefix.count)) }
            if items.isEmpty { return }
        }
    }
}

extension Table {
    func pendingJoinKey(_ visitor: UserID) throws(EngineError) -> Keyspace {
        .pendingJoin(digest: try digest([Array("join".utf8), visitor.bytes]))
    }
}

/// The steps. Each takes something away from the visitor, so that none is taken twice.
extension VisitorJoins {
    private func moveEvents(_ name: String, _ visitor: UserID, _ user: UserID) async throws(EngineError) {
        let source = Keyspace.eventPage(visitor, name: name)
        guard let page = try await table.get(source, as: EventPageRecord.self, now: scope.now)?.value else { return }
        let user = try await scope.resolved(user)
        let known = try await scope.knownState(of: user)
        var records = page.events
        // A page that holds much goes in pieces: what has gone is taken off the page in the same transaction.
        while !records.isEmpty {
            let piece = Array(records.prefix(Limits.eventsPerJoinStep))
            let rest = EventPageRecord.with { $0.events = Array(records.dropFirst(piece.count)) }
            let intake = try intake(of: piece, visitor, user, known)
            let isMoved: Void? = try await table.writeFinding(intake.likelyKeys() + [source], now: scope.now) {
                draft throws(IntakeDraft.Interruption) in
                // Whoever was erased meanwhile comes back by no page that was read before.
                guard try draft.payload(of: source) != nil else { return .discard(()) }
                let result = try intake.run(&draft).output
                guard result.redirect == nil else { throw .failed(EngineError(.conflict, "The user has been joined to another.")) }
                // A page that has come since has another name: the visitor has been redirected by now.
                if rest.events.isEmpty { try draft.delete(source) } else { try draft.put(source, rest) }
                return .commit(())
            }
            guard isMoved != nil else { throw EngineError(.internalError, "A step of a join touches too many items.") }
            records = rest.events
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
            events.append(try PreparedEvent(event, receivedAt: Timestamp(milliseconds: record.receivedAt), table: table))
        }
        return UserIntake(user: user, events: events, rules: rules, now: scope.now, consent: .none, known: known)
    }

    private func moveSession(_ name: String, _ visitor: UserID, _ user: UserID) async throws(EngineError) {
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
        let keys: [Keyspace] = [.behavior(visitor), .behavior(user), .traits(visitor), .traits(user)]
        let days = Int64(scope.tenant.intakeRules.retentionDays)
        let isMoved: Void? = try await table.writeFinding(keys, now: scope.now) { draft throws(IntakeDraft.Interruption) in
            guard let record = try draft.get(.behavior(visitor), as: BehaviorRecord.self) else { return .discard(()) }
            let own = BehaviorState(record)
            var other =
                try draft.get(.behavior(user), as: BehaviorRecord.self).map { BehaviorState($0) }
                ?? BehaviorState(now: scope.now, isAnonymous: false)
            other.firstSeenAt = min(other.firstSeenAt, own.firstSeenAt)
            other.sessions += own.sessions
            if let session = own.openSession {
                if other.openSession == nil {
                    other.openSession = session
                } else {
                    let end = session.startedAt.adding(seconds: days * 86_400)
                    try draft.put(.session(user, name: session.name), session.record, expiresAt: end)
                }
            }
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
        guard isMoved != nil else { throw EngineError(.internalError, "A step of a join touches too many items.") }
    }

    private func end(_ visitor: UserID) async throws(EngineError) {
        let pending = try pending(visitor)
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
