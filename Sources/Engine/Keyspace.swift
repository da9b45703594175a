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
    /// `day`: days since 1970.
    case aiBudget(day: Int64)
    // One user's.
    case personalization(UserID)
    case userAnswer(UserID, digest: String)
    case consent(UserID)
    /// `id`: sorts by time.
    case consentChange(UserID, id: String)
    case advice(UserID)
    case suggestedAdvice(UserID)
    /// `place`: in a ring, so that there are never more.
    case aiExchange(UserID, place: UInt32)

    /// PK, as bytes.
    var partition: [UInt8] {
        switch self {
        case .tenant, .tenantCounter: Self.partition(.tenants)
        case .apiKey: Self.partition(.keys)
        case .signingKey, .revocation: Self.partition(.tokens)
        case .playbook: Self.partition(.playbook)
        case .tenantAnswer: Self.partition(.answers)
        case .aiBudget: Self.partition(.ai)
        case .personalization(let user), .userAnswer(let user, _), .consent(let user), .consentChange(let user, _),
            .advice(let user), .suggestedAdvice(let user), .aiExchange(let user, _):
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
        case .aiBudget(let day): "BUDGET#\(day)"
        case .advice: "ADVICE"
        case .suggestedAdvice: "SUGGESTIONS"
        case .aiExchange(_, let place): "AI#\(place)"
        }
    }

    var entityType: EntityType {
        switch self {
        case .tenant: .tenant
        case .tenantCounter: .tenantCounter
        case .apiKey: .apiKey
        case .signingKey: .signingKey
        case .revocation: .revocation
        case .playbook: .playbook
        case .tenantAnswer, .userAnswer: .keptAnswer
        case .personalization: .personalization
        case .consent: .consent
        case .consentChange: .consentChange
        case .aiBudget: .aiBudget
        case .advice: .advice
        case .suggestedAdvice: .suggestions
        case .aiExchange: .aiExchange
        }
    }

    /// How a person's rights apply to the item (GDPR, Art. 15 and 17).
    var personalData: PersonalData {
        switch self {
        case .tenant, .tenantCounter, .apiKey, .signingKey, .revocation, .playbook, .tenantAnswer, .aiBudget:
            PersonalData(export: .nothingPersonal, erasure: .notApplicable)
        case .personalization: PersonalData(export: .section("personalization"), erasure: .withPartition)
        case .userAnswer: PersonalData(export: .section("keptAnswers"), erasure: .withPartition)
        case .consent: PersonalData(export: .section("consent"), erasure: .withPartition)
        case .consentChange: PersonalData(export: .section("consentHistory"), erasure: .withPartition)
        case .advice: PersonalData(export: .section("aiAdvice"), erasure: .withPartition)
        case .suggestedAdvice: PersonalData(export: .section("aiSuggestions"), erasure: .withPartition)
        case .aiExchange: PersonalData(export: .section("aiExchanges"), erasure: .withPartition)
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
        case ai = "AI"
    }

    /// All that AI advice leaves with a user.
    static func aiItems(of user: UserID) -> [Keyspace] {
        [.advice(user), .suggestedAdvice(user)] + (0..<UInt32(Limits.aiExchangesMax * 2)).map { .aiExchange(user, place: $0) }
    }

    /// What the sort keys of a user's consent history start with.
    static let consentChangePrefix = "CONSENT#"

    static func partition(_ shared: Shared) -> [UInt8] { Array(shared.rawValue.utf8) }

    private static let userPrefix = Array("USER#".utf8)

    static func partition(of user: UserID) -> [UInt8] { userPrefix + user.bytes }

    /// The user whose partition it is; nil for one that is nobody's.
    static func user(ofPartition name: [UInt8]) -> UserID? {
        guard name.starts(with: userPrefix) else { return nil }
        return String(validating: name.dropFirst(userPrefix.count), as: UTF8.self).flatMap { try? UserID($0) }
    }
}
