import Store

/// Takes what a user's visits have added out of the sums of their tenant, and the visits with it: what has to go before a user is erased,
/// since the sums lie in a partition of their own.
///
/// A job of bounded transactions. Each takes away from the visit what it takes back, so that none is taken back twice: after a crash the
/// job is begun again.
struct VisitRemoval: Sendable {
    let scope: Scope
    let user: UserID
    let table: Table

    func run() async throws(EngineError) {
        while true {
            let prefix = "SESSION#"
            let items = try await table.page(in: Keyspace.partition(of: user), prefix: prefix, limit: 100, now: scope.now)
            for item in items {
                try await remove(.session(user, name: String(decoding: item.sort, as: UTF8.self).dropFirst(prefix.count).description))
            }
            if items.isEmpty { break }
        }
        try await removeOpen()
    }

    private func remove(_ key: Keyspace) async throws(EngineError) {
        try await repeatedly { draft throws(IntakeDraft.Interruption) in
            guard let record = try draft.get(key, as: SessionRecord.self) else { return true }
            guard let rest = try takeBack(Session(record), in: &draft) else {
                try draft.delete(key)
                return true
            }
            try draft.put(key, rest.record, expiresAt: rest.startedAt.adding(seconds: Int64(retentionDays) * 86_400))
            return false
        }
    }

    private func removeOpen() async throws(EngineError) {
        let key = Keyspace.behavior(user)
        try await repeatedly { draft throws(IntakeDraft.Interruption) in
            guard let record = try draft.get(key, as: BehaviorRecord.self) else { return true }
            var state = BehaviorState(record)
            guard let session = state.openSession else { return true }
            state.openSession = try takeBack(session, in: &draft)
            try draft.put(key, state.record)
            return state.openSession == nil
        }
    }

    private var retentionDays: Int { scope.tenant.intakeRules.retentionDays }

    /// Takes back what the last pages have added.
    /// - Returns: the visit without them; nil: nothing is left of it.
    private func takeBack(_ session: Session, in draft: inout IntakeDraft) throws(IntakeDraft.Interruption) -> Session? {
        guard !session.path.isEmpty else { return nil }
        var rest = session
        rest.path.removeLast(min(rest.path.count, Limits.pagesPerVisitRemovalStep))
        try NavigationSums.apply(.takingBack(session, to: rest), to: &draft, retentionDays: retentionDays)
        return rest.path.isEmpty ? nil : rest
    }

    /// - Parameter step: says whether it was the last.
    private func repeatedly(
        _ step: @escaping @Sendable (inout IntakeDraft) throws(IntakeDraft.Interruption) -> Bool
    ) async throws(EngineError) {
        while true {
            let isLast = try await table.writeFinding([], now: scope.now) { draft throws(IntakeDraft.Interruption) in
                .commit(try step(&draft))
            }
            guard let isLast else { throw EngineError(.internalError, "A step of a removal touches too many items.") }
            if isLast { return }
        }
    }
}

extension Insights {
    /// Takes a user's visits out of all that navigation says: a step of erasing the user, before the user's partition goes.
    package func removeVisits(_ scope: Scope, of user: AuthorizedUser) async throws(EngineError) {
        try await VisitRemoval(scope: scope, user: user.id, table: scope.tenant.table).run()
    }
}
