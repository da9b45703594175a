import Store
import SwiftProtobuf
import Synchronization

/// Writing a join down, which makes it.
extension VisitorJoins {
    private enum Written {
        case nothing
        /// It was before, and its past is not all moved.
        case waits
        /// - Parameter hasLeft: whether another visitor had to make room.
        case begun(hasLeft: Bool)
        /// Others have been joined to the user meanwhile.
        case again
    }

    /// - Returns: whether there is something to move that nobody has begun to.
    func writeDown(_ join: VisitorJoin) async throws(EngineError) -> Bool {
        // Most visitors that come with a user are joined already, or are known users: found out without the writer.
        let items = try await table.items([.identity(join.visitor), .behavior(join.visitor)], now: scope.now)
        let identity = try items[0]?.record(as: IdentityRecord.self)
        if let identity, !join.maySettle(identity) { return false }
        let known = try items[1]?.record(as: BehaviorRecord.self)
        guard known?.isAnonymous ?? true || join.isTrusted else { return false }
        for _ in 0..<Limits.joinAttemptsMax {
            switch try await attempt(join) {
            case .nothing: return false
            case .waits:
                scope.tenant.waitForJoins(from: scope.now)
                return false
            case .begun(let hasLeft):
                if hasLeft { scope.tenant.joinedVisitors.withLock { $0 = max(0, $0 - 1) } }
                return true
            case .again: continue
            }
        }
        throw EngineError(.unavailable, "Many visitors are being joined to one user. Try again.", retryAfterSeconds: 1)
    }

    private func attempt(_ join: VisitorJoin) async throws(EngineError) -> Written {
        let (visitor, user, isTrusted) = (join.visitor, join.user, join.isTrusted)
        let (pending, consent) = (try table.pendingJoinKey(visitor), scope.tenant.analyticsConsent)
        let signs = Self.signs(of: visitor)
        let holds = (visitor: try table.holdKey(visitor), user: try table.holdKey(user))
        let room = try await room(at: user)
        var keys: [Keyspace] = [.identity(visitor), .identity(user), .behavior(visitor), .behavior(user), pending] + signs
        keys += [holds.visitor, holds.user, .consent(visitor)] + consent.keys(of: user)
        if case .after(let leaver) = room { keys += leaver.keys.filter { !keys.contains($0) } }
        let written = try await table.writeFinding(keys, now: scope.now) { draft throws(IntakeDraft.Interruption) -> Verdict<Written> in
            var own = try draft.get(.identity(visitor), as: IdentityRecord.self) ?? IdentityRecord()
            if own.hasJoinedInto {
                return .discard(!own.isMoved && own.joinedInto.hasSameBytes(as: user.text) ? .waits : .nothing)
            }
            guard join.maySettle(own) else { return .discard(.nothing) }
            var other = try draft.get(.identity(user), as: IdentityRecord.self) ?? IdentityRecord()
            var hasLeft = false
            if other.joinedFrom.count >= Limits.joinedVisitorsMax {
                if case .full = room { return .discard(.nothing) }
                guard case .after(let leaver) = room, try leaver.leave(&other, in: &draft) else { return .discard(.again) }
                hasLeft = true
            }
            // None is known of a visitor whose first call is the login.
            let behavior = try draft.get(.behavior(visitor), as: BehaviorRecord.self)
            guard other.isOneself(try draft.get(.behavior(user), as: BehaviorRecord.self)),
                other.joinedFrom.count + own.joinedFrom.count < Limits.joinedVisitorsMax,
                try consent.isGranted(by: user, in: &draft), try !consent.isRefused(by: visitor, in: &draft)
            else { return .discard(.nothing) }
            if !isTrusted {
                // An id that more is known of than events without a user is no visitor's: nobody takes it by naming it.
                guard behavior?.isAnonymous ?? true, own.joinedFrom.isEmpty else { return .discard(.nothing) }
                for sign in signs where try draft.version(of: sign) != 0 { return .discard(.nothing) }
                let answers = try draft.get(.consent(visitor), as: ConsentRecord.self)
                guard answers?.isOfVisitor ?? true else { return .discard(.nothing) }
            }
            other.joinedFrom += own.joinedFrom + [visitor.text]
            own.joinedInto = user.text
            own.isJoinTrusted = isTrusted
            own.isSplit = false
            try draft.put(.identity(visitor), own)
            try draft.put(.identity(user), other)
            try Self.moveHold(from: holds.visitor, to: holds.user, in: &draft)
            try draft.put(
                pending,
                PendingJoinRecord.with {
                    $0.visitor = visitor.text
                    $0.user = user.text
                })
            return .commit(.begun(hasLeft: hasLeft))
        }
        return written ?? .nothing
    }

    /// Whoever asks for the visitor's gets the user's from now on, and what keeps the one from being erased keeps the other.
    private static func moveHold(
        from visitor: Keyspace, to user: Keyspace, in draft: inout IntakeDraft
    ) throws(IntakeDraft.Interruption) {
        guard let hold = try draft.get(visitor, as: HoldRecord.self) else { return }
        if try draft.version(of: user) == 0 { try draft.put(user, hold) }
        try draft.delete(visitor)
    }

    /// What says that more is known of an id than its events. So does consent, except what a browser has sent, as a banner does.
    static func signs(of visitor: UserID) -> [Keyspace] {
        [.personalization(visitor), .behavioralProfile(visitor)]
    }
}

extension VisitorJoin {
    /// Whether the visitor may be joined, as far as its identity tells; one whose past is on its way is looked at by the writer.
    fileprivate func maySettle(_ identity: IdentityRecord) -> Bool {
        identity.hasJoinedInto ? !identity.isMoved : isIdentified || !identity.isSplit
    }
}

/// Room for one more: whoever names a user with ever new visitors does not keep the user's own next one out. The visitor that was joined
/// first, and of whom nothing is left but that, stands for itself again; what it did stays with the user.
extension VisitorJoins {
    private enum Room {
        case free
        case after(JoinLeaver)
        /// There is none, and nobody who can leave.
        case full
    }

    private func room(at user: UserID) async throws(EngineError) -> Room {
        guard let identity = try await table.get(.identity(user), as: IdentityRecord.self, now: scope.now)?.value,
            identity.joinedFrom.count >= Limits.joinedVisitorsMax
        else { return .free }
        for text in identity.joinedFrom {
            guard let visitor = try? UserID(text) else { continue }
            let leaver = JoinLeaver(visitor: visitor, user: user, subject: try table.subjectDigest(visitor))
            if try await leaver.canLeave(table, now: scope.now) { return .after(leaver) }
        }
        return .full
    }
}

extension Table {
    fileprivate func holdKey(_ user: UserID) throws(EngineError) -> Keyspace { .hold(digest: try subjectDigest(user)) }
}
