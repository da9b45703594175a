import Logging
import Store
import SwiftProtobuf
import Synchronization

/// A visitor, and the user that it has turned out to be.
struct VisitorJoin: Sendable, Hashable {
    let visitor: UserID
    let user: UserID
    /// Whether the caller may also join a known user, as a tenant's server may.
    let isTrusted: Bool
}

/// Joins an anonymous visitor to the user that it has turned out to be: events, days, sessions and traits move, and what comes for the
/// visitor from then on goes to the user.
///
/// A job of bounded transactions: it is written down with the first, and taken up again after a crash. Doing it twice does nothing. A
/// request writes its joins down and takes a bounded number of steps; what is left is moved in the background.
struct VisitorJoins: Sendable {
    private static let logger = Logger(label: "attune.joins")

    let scope: Scope

    var table: Table { scope.tenant.table }

    /// Writes joins down and moves what few steps can.
    /// - Throws: `.unavailable` where one could not be written down; the same events sent again do that.
    func join(_ joins: [VisitorJoin]) async throws(EngineError) {
        let steps = JoinSteps(max: scope.isConsole ? .max : Limits.joinStepsPerRequestMax)
        var failure: EngineError?
        for round in Self.rounds(of: joins) {
            let begun = await each(round) { join in await begin(join) }
            let toMove = begun.compactMap { result -> VisitorJoin? in
                switch result {
                case .success(let join): return join
                case .failure(let error):
                    failure = error
                    return nil
                }
            }
            await move(toMove, steps)
        }
        if let failure { throw failure }
    }

    /// Joins that have nobody in common go together; one whose visitor or user another has to do with comes after that one.
    private static func rounds(of joins: [VisitorJoin]) -> [[VisitorJoin]] {
        let users = Set(joins.map(\.user))
        let visitors = Dictionary(grouping: joins, by: \.visitor)
        let isAlone = { (join: VisitorJoin) in
            visitors[join.visitor]?.count == 1 && visitors[join.user] == nil && !users.contains(join.visitor)
        }
        return [joins.filter(isAlone)] + joins.filter { !isAlone($0) }.map { [$0] }
    }

    /// - Returns: the join where there is something to move; a failure that only sending again mends.
    private func begin(_ join: VisitorJoin) async -> Result<VisitorJoin?, EngineError> {
        do throws(EngineError) {
            // Who is joined to another already stands for that one.
            let user = try await scope.resolved(join.user)
            let join = VisitorJoin(visitor: join.visitor, user: user, isTrusted: join.isTrusted)
            guard join.visitor != user, try await write(join) else { return .success(nil) }
            return .success(join)
        } catch {
            // The events stand. Only a store that takes nothing is told of, so that they come again and the join with them.
            if error.code == .unavailable { return .failure(error) }
            note(error)
            return .success(nil)
        }
    }

    private func move(_ joins: [VisitorJoin], _ steps: JoinSteps) async {
        let areMoved = await each(joins) { join in
            // It is written down by now: what cannot be moved at the moment is when they come together again, or at the next start.
            do throws(EngineError) {
                return try await finish(join.visitor, join.user, steps)
            } catch {
                note(error)
                return true
            }
        }
        if areMoved.contains(false) { scope.tenant.hasWaitingJoins.withLock { $0 = true } }
    }

    /// What cannot be moved stays written down; others, and the server's start, shall not wait for it.
    private func note(_ error: EngineError) {
        Self.logger.warning("a visitor's past could not be moved", metadata: ["error": "\(error.code)"])
    }

    /// Some at once, so that one commit has steps of several.
    private func each<Output: Sendable>(
        _ joins: [VisitorJoin], _ body: @escaping @Sendable (VisitorJoin) async -> Output
    ) async -> [Output] {
        await withTaskGroup(of: Output.self) { group in
            var outputs: [Output] = []
            for (place, join) in joins.enumerated() {
                if place >= Limits.joinsAtOnceMax, let output = await group.next() { outputs.append(output) }
                group.addTask { await body(join) }
            }
            for await output in group { outputs.append(output) }
            return outputs
        }
    }
}

/// What is written down.
extension VisitorJoins {
    /// Loads how many were joined, and takes up what a crash has left.
    func resume(_ steps: JoinSteps) async {
        do throws(EngineError) {
            let counter = try await table.get(.joinCounter, as: JoinCounterRecord.self, now: scope.now)
            scope.tenant.joinedVisitors.withLock { $0 = Int(clamping: counter?.value.joined ?? 0) }
        } catch {
            note(error)
        }
        await takeUp(steps)
    }

    /// Takes up what waits, each once, a page at a time; where the steps do not suffice it waits on.
    func takeUp(_ steps: JoinSteps) async {
        var last: String?
        do throws(EngineError) {
            while true {
                let page = try await table.page(
                    in: Keyspace.partition(.joins), prefix: "JOIN#", after: last, limit: Self.joinsPerRead, now: scope.now)
                await move(page.compactMap { Self.join(stored: $0) }, steps)
                guard page.count == Self.joinsPerRead, let end = page.last else { return }
                guard steps.areLeft else { return scope.tenant.hasWaitingJoins.withLock { $0 = true } }
                last = String(decoding: end.sort, as: UTF8.self)
            }
        } catch {
            note(error)
        }
    }

    private static let joinsPerRead = 100

    private static func join(stored item: QueriedItem) -> VisitorJoin? {
        guard let record = try? PendingJoinRecord(stored: item.item.payload), let visitor = try? UserID(record.visitor),
            let user = try? UserID(record.user)
        else { return nil }
        return VisitorJoin(visitor: visitor, user: user, isTrusted: true)
    }

    /// - Returns: whether there is something to move.
    private func write(_ join: VisitorJoin) async throws(EngineError) -> Bool {
        let (visitor, user, isTrusted) = (join.visitor, join.user, join.isTrusted)
        // Most visitors that come with a user have no past of their own: found out without the writer.
        guard let known = try await table.get(.behavior(visitor), as: BehaviorRecord.self, now: scope.now),
            known.value.isAnonymous || isTrusted
        else { return false }
        let (pending, consent) = (try table.pendingJoinKey(visitor), scope.tenant.analyticsConsent)
        let signs = Self.signs(of: visitor)
        let leaver = try await leaver(from: user)
        let keys: [Keyspace] = [.identity(visitor), .identity(user), .behavior(visitor), .behavior(user), pending] + signs
        let leaverKeys = leaver.map { [.identity($0), .behavior($0), .joinCounter] + Self.signs(of: $0) } ?? []
        let hasLeft = try await table.writeFinding(keys + consent.keys(of: user) + leaverKeys, now: scope.now) {
            draft throws(IntakeDraft.Interruption) -> Verdict<Bool?> in
            var own = try draft.get(.identity(visitor), as: IdentityRecord.self) ?? IdentityRecord()
            if own.hasJoinedInto { return .discard(!own.isMoved && own.joinedInto.hasSameBytes(as: user.text) ? false : nil) }
            var other = try draft.get(.identity(user), as: IdentityRecord.self) ?? IdentityRecord()
            let hasLeft = try leaver.map { leaver throws(IntakeDraft.Interruption) in try Self.release(leaver, from: &other, in: &draft) }
            guard let behavior = try draft.get(.behavior(visitor), as: BehaviorRecord.self),
                other.isOneself(try draft.get(.behavior(user), as: BehaviorRecord.self)),
                other.joinedFrom.count + own.joinedFrom.count < Limits.joinedVisitorsMax,
                try consent.isGranted(by: user, in: &draft), try !consent.isRefused(by: visitor, in: &draft)
            else { return .discard(nil) }
            if !isTrusted {
                // An id that more is known of than events without a user is no visitor's: nobody takes it by naming it.
                guard behavior.isAnonymous, own.joinedFrom.isEmpty else { return .discard(nil) }
                for sign in signs where try draft.version(of: sign) != 0 { return .discard(nil) }
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
            return .commit(hasLeft ?? false)
        }
        guard let hasLeft = hasLeft ?? nil else { return false }
        if hasLeft { scope.tenant.joinedVisitors.withLock { $0 = max(0, $0 - 1) } }
        return true
    }

    /// What says that more is known of an id than its events.
    private static func signs(of visitor: UserID) -> [Keyspace] {
        [.personalization(visitor), .consent(visitor), .behavioralProfile(visitor)]
    }
}

/// Room for one more: whoever names a user with ever new visitors does not keep the user's own next one out. The visitor that was joined
/// first, and of whom nothing is left but that, stands for itself again; what it did stays with the user.
extension VisitorJoins {
    /// - Returns: who is to leave; nil where there is room, or nobody who can.
    private func leaver(from user: UserID) async throws(EngineError) -> UserID? {
        guard let identity = try await table.get(.identity(user), as: IdentityRecord.self, now: scope.now)?.value,
            identity.joinedFrom.count >= Limits.joinedVisitorsMax
        else { return nil }
        for text in identity.joinedFrom {
            guard let visitor = try? UserID(text) else { continue }
            let keys: [Keyspace] = [.identity(visitor), .behavior(visitor)] + Self.signs(of: visitor)
            let items = try await table.items(keys, now: scope.now)
            guard let own = try items[0]?.record(as: IdentityRecord.self), own.isMoved, items.dropFirst().allSatisfy({ $0 == nil })
            else { continue }
            return visitor
        }
        return nil
    }

    private static func release(
        _ visitor: UserID, from other: inout IdentityRecord, in draft: inout IntakeDraft
    ) throws(IntakeDraft.Interruption) -> Bool {
        guard let own = try draft.get(.identity(visitor), as: IdentityRecord.self), own.isMoved,
            let place = other.joinedFrom.firstIndex(where: { $0.hasSameBytes(as: visitor.text) })
        else { return false }
        for key in [.behavior(visitor)] + signs(of: visitor) where try draft.version(of: key) != 0 { return false }
        other.joinedFrom.remove(at: place)
        try draft.delete(.identity(visitor))
        var counter = try draft.get(.joinCounter, as: JoinCounterRecord.self) ?? JoinCounterRecord()
        counter.joined -= min(counter.joined, 1)
        try draft.put(.joinCounter, counter)
        return true
    }
}

extension Table {
    func pendingJoinKey(_ visitor: UserID) throws(EngineError) -> Keyspace {
        .pendingJoin(digest: try digest([Array("join".utf8), visitor.bytes]))
    }
}
