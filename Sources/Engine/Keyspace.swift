import Store

/// Every key shape of the table. Only this makes keys, and only `Table` asks it to.
///
/// Each case says how it is exported and how it is erased: one without both does not compile.
enum Keyspace: Sendable {
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
    case consent(UserID)
    /// `id`: sorts by time.
    case consentChange(UserID, id: String)

    /// PK, as bytes.
    var partition: [UInt8] {
        switch self {
        case .tenant, .tenantCounter: Self.partition(.tenants)
        case .apiKey: Self.partition(.keys)
        case .signingKey, .revocation: Self.partition(.tokens)
        case .playbook: Self.partition(.playbook)
        case .tenantAnswer: Self.partition(.answers)
        case .personalization(let user), .userAnswer(let user, _), .consent(let user), .consentChange(let user, _):
            Self.partition(of: user)
        }
    }

    /// SK: constants, numbers, times and digests; never a string from outside.
    var sort: String {
        switch self {
        case .tenant(let digest): "TENANT#\(digest)"
        case .tenantCounter: "COUNTER"
        case .apiKey(let id): "KEY#\(id)"
        case .signingKey(let number): "SIGNING#\(number)"
        case .revocation(let digest): "REVOKED#\(digest)"
        case .playbook: "PLAYBOOK"
        case .tenantAnswer(let digest), .userAnswer(_, let digest): "IDEMPOTENCY#\(digest)"
        case .personalization: "PERSONALIZATION"
        case .consent: "CONSENT"
        case .consentChange(_, let id): Self.consentChangePrefix + id
        }
    }

    var entityType: String {
        switch self {
        case .tenant: "Tenant"
        case .tenantCounter: "TenantCounter"
        case .apiKey: "APIKey"
        case .signingKey: "SigningKey"
        case .revocation: "Revocation"
        case .playbook: "Playbook"
        case .tenantAnswer, .userAnswer: "KeptAnswer"
        case .personalization: "PersonalizationProfile"
        case .consent: "Consent"
        case .consentChange: "ConsentChange"
        }
    }

    /// How a person's rights apply to the item (GDPR, Art. 15 and 17).
    var personalData: PersonalData {
        switch self {
        case .tenant, .tenantCounter, .apiKey, .signingKey, .revocation, .playbook, .tenantAnswer:
            PersonalData(export: .nothingPersonal, erasure: .notApplicable)
        case .personalization: PersonalData(export: .section("personalization"), erasure: .withPartition)
        case .userAnswer: PersonalData(export: .section("keptAnswers"), erasure: .withPartition)
        case .consent: PersonalData(export: .section("consent"), erasure: .withPartition)
        case .consentChange: PersonalData(export: .section("consentHistory"), erasure: .withPartition)
        }
    }
}

/// How an item is exported and how it is erased.
struct PersonalData: Sendable, Equatable {
    enum Export: Sendable, Equatable {
        case nothingPersonal
        /// Under this member of the export document.
        case section(String)
    }

    enum Erasure: Sendable, Equatable {
        case notApplicable
        /// It lies in the user's partition, whose key is destroyed.
        case withPartition
    }

    let export: Export
    let erasure: Erasure
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

    /// What the sort keys of a user's consent history start with.
    static let consentChangePrefix = "CONSENT#"

    static func partition(_ shared: Shared) -> [UInt8] { Array(shared.rawValue.utf8) }

    static func partition(of user: UserID) -> [UInt8] { Array("USER#".utf8) + user.bytes }
}
