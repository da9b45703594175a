import Store

/// What is kept of one user.
package struct ShowUser: EngineOperation {
    package static let name = "user.show"
    private let tenant: String
    private let user: String

    package struct Answer: Codable, Sendable {
        package let userId: String
        package let items: Int
        package let personalization: PersonalizationDocument?
    }

    package init(tenant: String, user: String) {
        self.tenant = tenant
        self.user = user
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> Answer {
        let scope = engine.console(for: try engine.tenant(named: tenant))
        let user = try UserID(user, pointer: "/user")
        var items = 0
        try await scope.tenant.table.forEachItem(in: Keyspace.partition(of: user), prefix: "", now: scope.now) { _ in items += 1 }
        let authorized = try scope.authorize(.readPersonalization, for: .user(user))
        let profile = try await engine.personalization.profile(scope, authorized)
        return Answer(
            userId: user.text, items: items, personalization: profile.version == 0 ? nil : PersonalizationDocument(profile.value))
    }
}

/// One item of a user under its logical key.
package struct ItemDocument: Codable, Sendable {
    package let partition: String
    package let sort: String
    package let entityType: String
    package let version: UInt64
    package let bytes: Int
    package let expiresAt: String?

    private enum CodingKeys: String, CodingKey {
        case partition = "PK"
        case sort = "SK"
        case entityType, version, bytes, expiresAt
    }
}

/// Every item of one user.
package struct ListUserItems: EngineOperation {
    package static let name = "user.items"
    private let tenant: String
    private let user: String

    package init(tenant: String, user: String) {
        self.tenant = tenant
        self.user = user
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> [ItemDocument] {
        let tenant = try engine.tenant(named: tenant)
        let partition = Keyspace.partition(of: try UserID(user, pointer: "/user"))
        var items: [ItemDocument] = []
        try await tenant.table.forEachItem(in: partition, prefix: "", now: engine.clock()) { found in
            items.append(
                ItemDocument(
                    partition: String(decoding: partition, as: UTF8.self), sort: String(decoding: found.sort, as: UTF8.self),
                    entityType: found.item.entityType, version: found.item.version, bytes: found.item.payload.count,
                    expiresAt: found.item.expiresAt.map { Timestamp(milliseconds: $0).rfc3339 }))
        }
        return items
    }
}
