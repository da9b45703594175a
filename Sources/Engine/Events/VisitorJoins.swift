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
    /// Whether a new `identify` says it, which alone joins a visitor who was separated.
    var isIdentified = false
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
        var rounds: [[VisitorJoin]] = []
        var next: [UserID: Int] = [:]
        for join in joins {
            let place = max(next[join.visitor] ?? 0, next[join.user] ?? 0)
            if place == rounds.count { rounds.append([]) }
            rounds[place].append(join)
            (next[join.visitor], next[join.user]) = (place + 1, place + 1)
        }
        return rounds
    }

    /// - Returns: the join where there is something to move; a failure that only sending again mends.
    private func begin(_ join: VisitorJoin) async -> Result<VisitorJoin?, EngineError> {
        do throws(EngineError) {
            // Who is joined to another already stands for that one.
            let user = try await scope.resolved(join.user)
            let join = VisitorJoin(visitor: join.visitor, user: user, isTrusted: join.isTrusted, isIdentified: join.isIdentified)
            guard join.visitor != user, try await writeDown(join) else { return .success(nil) }
            return .success(join)
        } catch {
            // The events stand. Only a store that takes nothing is told of, so that they come again and the join with them.
            if error.code == .unavailable { return .failure(error) }
            note(error, of: join)
            return .success(nil)
        }
    }

    private enum Moved {
        case all
        /// The steps did not suffice.
        case some
        /// At the moment it cannot be.
        case later
        /// It is damaged: it is tried again when they come together again, or at the next start.
        case given
    }

    private func move(_ joins: [VisitorJoin], _ steps: JoinSteps) async {
        let moved = await each(joins) { join -> Moved in
            do throws(EngineError) {
                return try await finish(join.visitor, join.user, steps) ? .all : .some
            } catch {
                note(error, of: join)
                return error.isPassing ? .later : .given
            }
        }
        if moved.contains(.some) { scope.tenant.waitForJoins(from: scope.now) }
        if moved.contains(.later) { pause() }
    }

    /// What could not be moved for now is tried again, though not at once.
    private func pause() {
        scope.tenant.waitForJoins(from: scope.now.adding(seconds: Limits.joinPauseSeconds))
    }

    /// What cannot be moved stays written down; others, and the server's start, shall not wait for it. One that is damaged is told of once.
    private func note(_ error: EngineError, of join: VisitorJoin? = nil) {
        if let join, !error.isPassing {
            let isNew = scope.tenant.notedJoins.withLock { $0.count < Limits.notedJoinsMax && $0.insert(join).inserted }
            guard isNew else { return }
        }
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
                guard steps.areLeft else { return scope.tenant.waitForJoins(from: scope.now) }
                last = String(decoding: end.sort, as: UTF8.self)
            }
        } catch {
            note(error)
            if error.isPassing { pause() }
        }
    }

    private static let joinsPerRead = 100

    private static func join(stored item: QueriedItem) -> VisitorJoin? {
        // A separation is taken up by `VisitorSplits`.
        guard let record = try? PendingJoinRecord(stored: item.item.payload), !record.isSplit, let visitor = try? UserID(record.visitor),
            let user = try? UserID(record.user)
        else { return nil }
        return VisitorJoin(visitor: visitor, user: user, isTrusted: true)
    }
}

extension Table {
    func pendingJoinKey(_ visitor: UserID) throws(EngineError) -> Keyspace {
        .pendingJoin(digest: try digest([Array("join".utf8), visitor.bytes]))
    }
}

extension EngineError {
    /// Whether it may be otherwise in a while.
    fileprivate var isPassing: Bool { code == .unavailable || code == .conflict }
}
