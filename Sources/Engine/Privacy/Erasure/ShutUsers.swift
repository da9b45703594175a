import Synchronization

/// Users of a tenant whose data nobody reads or writes, since they are being erased or a visitor is being separated from them, and when
/// those were erased whom that befell of late.
///
/// In memory: the process that owns the folder is the only one to read it, and takes up every erasure before it serves.
final class ShutUsers: Sendable {
    private struct State {
        var shut: Set<UserID> = []
        /// Those whose data moves, and stays.
        var moving: Set<UserID> = []
        var erased = TwoGenerationCache<UserID, Timestamp>(entriesMax: Limits.rememberedErasuresMax)
        var hasErased = false
    }

    private let state = Mutex(State())

    static let refusal = EngineError(
        .unavailable, "This user is being erased or separated from a visitor, or was since the request began.", retryAfterSeconds: 1)

    var areNone: Bool { state.withLock { $0.shut.isEmpty } }

    func isShut(_ user: UserID?) -> Bool { state.withLock { state in !state.shut.isEmpty && user.map(state.shut.contains) ?? false } }

    func shut(_ users: some Sequence<UserID>) {
        state.withLock { $0.shut.formUnion(users) }
    }

    /// Shuts users while their data moves.
    /// - Returns: whether nobody else has them shut.
    func beginMoving(_ users: [UserID]) -> Bool {
        state.withLock { state in
            guard state.shut.isDisjoint(with: users) else { return false }
            state.shut.formUnion(users)
            state.moving.formUnion(users)
            return true
        }
    }

    func endMoving(_ users: [UserID]) {
        state.withLock { state in
            state.shut.subtract(users)
            state.moving.subtract(users)
        }
    }

    func isMoving(_ user: UserID) -> Bool { state.withLock { $0.moving.contains(user) } }

    /// Lets users in again whose erasure was not begun.
    func open(_ users: some Sequence<UserID>) {
        state.withLock { $0.shut.subtract(users) }
    }

    /// Lets users in who start anew; what was begun before that moment is still refused.
    func open(_ users: some Sequence<UserID>, erasedAt moment: Timestamp) {
        state.withLock { state in
            for user in users {
                state.shut.remove(user)
                state.erased.insert(moment, for: user)
            }
            state.hasErased = true
        }
    }

    /// Whether a transaction that was begun at a moment may touch items.
    func admit(_ keys: [Keyspace], begunAt moment: Timestamp) -> Bool {
        state.withLock { state in
            guard state.hasErased || !state.shut.isEmpty else { return true }
            for user in keys.lazy.compactMap(\.user) {
                if state.shut.contains(user) { return false }
                if state.hasErased, let erasedAt = state.erased.value(user), moment < erasedAt { return false }
            }
            return true
        }
    }

    /// Whether a user is being erased, or was at a moment or later.
    func isErased(_ user: UserID, since moment: Timestamp) -> Bool {
        state.withLock { state in
            state.shut.contains(user) || state.hasErased && state.erased.value(user).map { moment <= $0 } ?? false
        }
    }
}
