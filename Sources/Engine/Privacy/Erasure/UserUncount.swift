import Store
import SwiftProtobuf

/// Takes users out of what does not lie in their own partitions: sums over users, look-ups and jobs that name them
/// (`PersonalData.Erasure.uncounted` and `.byReference`).
struct UserUncount: Sendable {
    let scope: Scope
    let table: Table
    /// Whether what the users have added to sums stays there, as an anonymization leaves it.
    let keepsSums: Bool

    func run(of users: [UserID]) async throws(EngineError) {
        for user in users {
            if !keepsSums { try await VisitRemoval(scope: scope, user: user, table: table).run() }
            if let profile = try await table.get(.behavioralProfile(user), as: BehavioralProfileRecord.self, now: scope.now)?.value {
                try await delete(Keyspace.behavioralProfileIndexes(profile.id))
            }
        }
        try await delete(try users.map { user throws(EngineError) in try table.pendingJoinKey(user) })
    }

    private func delete(_ keys: [Keyspace]) async throws(EngineError) {
        for start in stride(from: 0, to: keys.count, by: StoreLimits.itemsPerTransactionMax) {
            let some = Array(keys[start..<min(start + StoreLimits.itemsPerTransactionMax, keys.count)])
            try await table.write(some, now: scope.now) { draft in
                for key in some where draft.version(of: key) != 0 { draft.delete(key) }
            }
        }
    }
}
