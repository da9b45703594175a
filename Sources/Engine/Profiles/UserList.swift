import AttuneCrypto
import Store
import Synchronization
import Tokens

/// A tenant's users: listed and searched without an index.
///
/// The vault knows which partitions live, so a list is a walk over the blocks of slots in which the tenant has some, and opens the headers
/// of the tenant's partitions on the way: they hold the users' ids, sealed. Nothing is written for it when a user comes, and nothing is
/// left of it when a user goes. The order is that of the slots: that of coming, until slots are used again.
///
/// A page costs the same however many users there are: it may come back short, with a cursor to go on from.
package struct UserList: Sendable {
    let vault: KeyVault
    let store: LMDBEngine
    let personalization: Personalization

    /// How many users a tenant has, visitors who have not said who they are among them: counted in memory.
    package func count(_ scope: Scope) throws(EngineError) -> Int {
        try scope.authorize(.listUsers)
        return try present(in: scope.tenant)
    }

    func present(in tenant: Tenant) throws(EngineError) -> Int {
        let ofNoUser = tenant.partitionsOfNoUser
        do throws(StoreError) {
            let tenant = tenant.number
            var shared = 0
            for partition in Keyspace.Shared.allCases {
                let key = PartitionKey(tenant: tenant, name: Keyspace.partition(partition))
                if try vault.seal(at: try vault.address(of: key)) != nil { shared += 1 }
            }
            return max(0, vault.partitionCount(of: tenant) - shared - ofNoUser)
        } catch {
            throw EngineError(error)
        }
    }

    /// Whether anything is kept of a user.
    package func holds(_ scope: Scope, _ user: AuthorizedUser) throws(EngineError) -> Bool {
        try scope.authorize(.listUsers)
        if scope.tenant.shutUsers.isShut(user.id) { return false }
        do throws(StoreError) {
            let key = PartitionKey(tenant: scope.tenant.number, name: Keyspace.partition(of: user.id))
            return try vault.seal(at: try vault.address(of: key)) != nil
        } catch {
            throw EngineError(error)
        }
    }

    /// Users that a filter takes, a page of them.
    /// - Parameters:
    ///   - cursor: what the page before said; nil: from the start.
    ///   - limit: 1 to `Limits.usersPerPageMax`.
    package func page(_ scope: Scope, _ filter: UserFilter, cursor: String?, limit: Int) async throws(EngineError) -> UserPage {
        try scope.authorize(.listUsers)
        guard (1...Limits.usersPerPageMax).contains(limit) else { throw .invalid("/limit", "must be 1 to \(Limits.usersPerPageMax)") }
        var page = UserPage()
        // It stands at the head of the first page, and so nowhere else.
        let exact = try await exactMatch(scope, filter)
        if let exact, cursor == nil { page.users.append(exact) }
        var slot = try cursor.map { cursor throws(EngineError) in try scope.slot(of: cursor) } ?? 0
        var slotsLeft = Limits.userWalkSlotsMax
        while page.users.count < limit, page.opened < Limits.userWalkPartitionsMax, slotsLeft > 0 {
            // Never more than there is room for, so that none is opened that the next page opens again.
            let walk = try piece(scope, from: slot, slotsMax: min(slotsLeft, Self.slotsPerStep), limit: limit - page.users.count)
            for (_, address) in walk.found {
                page.opened += 1
                guard let user = try await listed(address, scope, filter, &page), user.id != exact?.id else { continue }
                page.users.append(user)
            }
            guard let next = walk.next else { return page }
            slotsLeft -= walk.slotsSeen
            slot = next
        }
        // Mostly there is nothing behind the last user but slots that wait for a use.
        let rest = try piece(scope, from: slot, slotsMax: max(slotsLeft, Self.slotsPerStep), limit: 1)
        if !rest.found.isEmpty || rest.next != nil { page.nextCursor = try scope.cursor(of: slot) }
        return page
    }

    private static let slotsPerStep = 8192

    private func piece(_ scope: Scope, from slot: UInt32, slotsMax: Int, limit: Int) throws(EngineError) -> KeyVault.Walk {
        do {
            return try vault.partitions(of: scope.tenant.number, from: slot, slotsMax: slotsMax, limit: limit)
        } catch {
            throw EngineError(error)
        }
    }

    /// A search for a whole id finds its user at once, wherever the slot lies.
    private func exactMatch(_ scope: Scope, _ filter: UserFilter) async throws(EngineError) -> ListedUser? {
        guard !filter.text.isEmpty, let id = try? UserID(filter.text),
            try holds(scope, try scope.authorize(.listUsers, for: .user(id)))
        else { return nil }
        do throws(EngineError) {
            return try await listed(id, scope, filter)
        } catch {
            // The walk comes by it, and counts it.
            guard error.code == .damaged else { throw error }
            return nil
        }
    }

    /// The user of a partition, where it is a user's and the filter takes it.
    private func listed(
        _ address: PartitionAddress, _ scope: Scope, _ filter: UserFilter, _ page: inout UserPage
    ) async throws(EngineError) -> ListedUser? {
        do throws(EngineError) {
            let name: [UInt8]?
            do throws(StoreError) { name = try store.name(of: address) } catch { throw EngineError(error) }
            // nil: erased since.
            guard let name, let id = Keyspace.user(ofPartition: name), !scope.tenant.shutUsers.isShut(id), filter.takes(id) else {
                return nil
            }
            return try await listed(id, scope, filter)
        } catch {
            // One damaged record hides no other user.
            guard error.code == .damaged else { throw error }
            page.damaged += 1
            return nil
        }
    }

    private func listed(_ id: UserID, _ scope: Scope, _ filter: UserFilter) async throws(EngineError) -> ListedUser? {
        let user = try scope.authorize(.readPersonalization, for: .user(id))
        // A visitor who has turned out to be a user is listed as that one.
        guard try await scope.resolved(id) == id else { return nil }
        let profile = try await personalization.profile(scope, user).value
        return filter.takes(profile, now: scope.now) ? ListedUser(id: id, profile: profile) : nil
    }
}

package struct ListedUser: Sendable {
    package let id: UserID
    package let profile: PersonalizationProfile
}

package struct UserPage: Sendable {
    package var users: [ListedUser] = []
    /// Where to go on; nil at the end.
    package var nextCursor: String?
    /// How many partitions were opened for it.
    package var opened = 0
    /// Users left out since a record of theirs is damaged.
    package var damaged = 0
}

/// Cursors name a slot of the vault, which is nobody's business: they are sealed, each for its tenant.
extension Scope {
    fileprivate func cursor(of slot: UInt32) throws(EngineError) -> String {
        do {
            return Base64URL.encode(try cursorKey().seal(withUnsafeBytes(of: slot.bigEndian) { Array($0) }, aad: []))
        } catch {
            throw EngineError(.internalError, "A cursor could not be made.")
        }
    }

    fileprivate func slot(of cursor: String) throws(EngineError) -> UInt32 {
        guard let sealed = Base64URL.decode(cursor), let key = try? cursorKey(), let bytes = try? key.open(sealed, aad: []),
            bytes.count == 4
        else { throw .invalid("/cursor", "is not one that a page of this list gave") }
        return bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }

    private func cursorKey() throws -> SymmetricKey {
        try SymmetricKey(bytes: tenant.table.vault.digest(Array("user-list-cursor".utf8), tenant: tenant.number))
    }
}
