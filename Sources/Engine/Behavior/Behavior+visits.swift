import Store
import SwiftProtobuf

extension Behavior {
    /// The newest visits of a user, the one that is open among them; the latest first.
    func visits(_ scope: Scope, _ user: UserID, limit: Int = Limits.sessionsPerPersonMax) async throws(EngineError) -> [Session] {
        let open = try await state(scope, user)?.openSession
        let stored = try await scope.tenant.table.page(
            in: Keyspace.partition(of: user), prefix: "SESSION#", limit: limit, now: scope.now)
        let closed = try stored.map { item throws(EngineError) in Session(try SessionRecord(stored: item.item.payload)) }
        // Between two reads the open one may have been closed.
        let others = closed.filter { session in open.map { !session.name.hasSameBytes(as: $0.name) } ?? true }
        return Array(([open].compactMap(\.self) + others).sorted { $0.startedAt > $1.startedAt }.prefix(limit))
    }
}
