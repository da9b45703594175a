import Store
import SwiftProtobuf

extension Scope {
    /// The person whom a data request names by an id.
    ///
    /// The id of a visitor leads to the person only where the tenant's own server or an operator has joined the two. Anybody can join an
    /// id of their choice to a stranger with a publishable key, and would get that one's data, or have it erased, by asking for their own.
    /// - Returns: nil where the id leads to nobody by that rule.
    func person(named id: UserID) async throws(EngineError) -> UserID? {
        let table = tenant.table
        var here = id
        for _ in 0...Limits.joinHopsMax {
            guard let identity = try await table.get(.identity(here), as: IdentityRecord.self, now: now)?.value,
                !identity.isOneself(try await table.get(.behavior(here), as: BehaviorRecord.self, now: now)?.value)
            else { return here }
            guard identity.isJoinTrusted else { return nil }
            here = try UserID(identity.joinedInto)
        }
        return nil
    }
}
