import Store

/// What is held about a user, counted as the receipt of an erasure counts it: what commands show before they erase.
package struct PreviewErasure: EngineOperation {
    package static let name = "user.preview-erasure"
    private let tenant: String
    private let user: String

    package struct Answer: Codable, Sendable {
        /// The person behind the id that was asked for.
        package let userId: String
        /// Visitors who were joined to the person, and go with them.
        package let joinedIds: [String]
        /// Items by kind.
        package let counts: [String: UInt64]
        package let nothingHeld: Bool
    }

    package init(tenant: String, user: String) {
        (self.tenant, self.user) = (tenant, user)
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> Answer {
        let scope = engine.console(for: try engine.tenant(named: tenant))
        let holdings = try await scope.holdings(of: UserID(user, pointer: "/user"))
        return Answer(
            userId: holdings.users[0].text, joinedIds: holdings.users.dropFirst().map(\.text), counts: holdings.counts,
            nothingHeld: holdings.areEmpty)
    }
}

/// What is held about a person and the visitors who were joined to them.
struct Holdings: Sendable {
    /// The person, then the visitors.
    let users: [UserID]
    /// Items by kind.
    let counts: [String: UInt64]

    var areEmpty: Bool { counts.isEmpty }

    /// What a command ends in that was given an id of nobody, most often a mistyped one.
    static let noneFailure = EngineError(
        .notFound, "Nothing is held under this id. Check the id, or add --force to get the document all the same.")
}

extension Scope {
    func holdings(of user: UserID) async throws(EngineError) -> Holdings {
        let user = try await resolved(user)
        let identity = try await tenant.table.get(.identity(user), as: IdentityRecord.self, now: now)?.value
        let users = [user] + (try await joined(identity ?? IdentityRecord(), in: tenant.table))
        let kinds = try await ItemCount.kinds(of: users, in: tenant.table, now: now)
        return Holdings(users: users, counts: Dictionary(kinds.map { ($0.kind, $0.count) }) { $1 })
    }

    /// Whether there is something to erase. An erasure that has begun is there to be finished, whatever is left.
    func isWorthErasing(_ user: UserID) async throws(EngineError) -> Bool {
        if tenant.shutUsers.isShut(user) { return true }
        return try await !holdings(of: user).areEmpty
    }
}

/// What a tenant has, counted as the receipt of its deletion counts it.
package struct PreviewTenantDeletion: EngineOperation {
    package static let name = "tenant.preview-deletion"
    private let tenant: String

    package struct Answer: Codable, Sendable {
        package let tenant: String
        /// Users and items by kind.
        package let counts: [String: UInt64]
        package let keys: Int
    }

    package init(tenant: String) {
        self.tenant = tenant
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> Answer {
        let tenant = try engine.tenant(named: tenant)
        return Answer(
            tenant: tenant.name.text, counts: try TenantContents(of: tenant, in: engine.store).counts,
            keys: engine.directory.keys(of: tenant).count)
    }
}

/// One API key, found by its id.
package struct ShowKey: EngineOperation {
    package static let name = "key.show"
    private let id: String

    package init(id: String) {
        self.id = id
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> KeyDocument {
        KeyDocument(try engine.key(id))
    }
}
