import Store

/// Every key shape of the table. Only this makes keys, and only `Table` asks it to.
///
/// Each case says how it is exported and how it is erased: one without both does not compile.
package enum Keyspace: Sendable {
    // The installation's own partition.
    /// `digest`: keyed digest of the tenant's name.
    case tenant(digest: String)
    case tenantCounter
    // A tenant's, about nobody.
    case apiKey(id: String)
    case signingKey(number: UInt32)
    /// `digest`: keyed digest of the token's `jti`.
    case revocation(digest: String)
    case playbook
    /// `digest`: keyed digest of what makes a request the same one.
    case tenantAnswer(digest: String)
    // One user's.
    case personalization(UserID)
    case userAnswer(UserID, digest: String)

    /// PK, as bytes.
    package var partition: [UInt8] {
        switch self {
        case .tenant, .tenantCounter: Self.partition(.tenants)
        case .apiKey: Self.partition(.keys)
        case .signingKey, .revocation: Self.partition(.tokens)
        case .playbook: Self.partition(.playbook)
        case .tenantAnswer: Self.partition(.answers)
        case .personalization(let user), .userAnswer(let user, _): Self.partition(of: user)
        }
    }

    /// SK: constants, numbers, times and digests; never a string from outside.
    package var sort: String {
        switch self {
        case .tenant(let digest): "TENANT#\(digest)"
        case .tenantCounter: "COUNTER"
        case .apiKey(let id): "KEY#\(id)"
        case .signingKey(let number): "SIGNING#\(number)"
        case .revocation(let digest): "REVOKED#\(digest)"
        case .playbook: "PLAYBOOK"
        case .tenantAnswer(let digest), .userAnswer(_, let digest): "IDEMPOTENCY#\(digest)"
        case .personalization: "PERSONALIZATION"
        }
    }

    package var entityType: String {
        switch self {
        case .tenant: "Tenant"
        case .tenantCounter: "TenantCounter"
        case .apiKey: "APIKey"
        case .signingKey: "SigningKey"
        case .revocation: "Revocation"
        case .playbook: "Playbook"
        case .tenantAnswer, .userAnswer: "KeptAnswer"
        case .personalization: "PersonalizationProfile"
        }
    }

    /// How a person's rights apply to the item (GDPR, Art. 15 and 17).
    package var personalData: PersonalData {
        switch self {
        case .tenant, .tenantCounter, .apiKey, .signingKey, .revocation, .playbook, .tenantAnswer:
            PersonalData(export: .nothingPersonal, erasure: .notApplicable)
        case .personalization: PersonalData(export: .section("personalization"), erasure: .withPartition)
        case .userAnswer: PersonalData(export: .section("keptAnswers"), erasure: .withPartition)
        }
    }
}

/// How an item is exported and how it is erased.
package struct PersonalData: Sendable, Equatable {
    package enum Export: Sendable, Equatable {
        case nothingPersonal
        /// Under this member of the export document.
        case section(String)
    }

    package enum Erasure: Sendable, Equatable {
        case notApplicable
        /// It lies in the user's partition, whose key is destroyed.
        case withPartition
    }

    package let export: Export
    package let erasure: Erasure
}

extension Keyspace {
    /// Partitions that belong to no user.
    enum Shared: String, CaseIterable {
        case tenants = "TENANTS"
        case keys = "KEYS"
        case tokens = "TOKENS"
        case playbook = "PLAYBOOK"
        case answers = "ANSWERS"
    }

    static func partition(_ shared: Shared) -> [UInt8] { Array(shared.rawValue.utf8) }

    static func partition(of user: UserID) -> [UInt8] { Array("USER#".utf8) + user.bytes }
}
