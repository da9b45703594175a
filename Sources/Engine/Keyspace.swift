import Store

/// Every key shape of the table. Only this makes keys, and only `Table` asks it to.
///
/// Each case says how it is exported and how it is erased: one without both does not compile.
enum Keyspace: Sendable, Hashable {
    // The installation's own partition.
    /// `digest`: keyed digest of the tenant's name.
    case tenant(digest: String)
    case tenantCounter
    /// `digest`: as in `tenant`; of a deleted tenant, too.
    case publishedProofKeys(digest: String)
    /// `digest`: keyed digest of the receipt's id.
    case deletedTenant(digest: String)
    case processorKey
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
    // The log of what was done, which names users by keyed digests alone.
    case auditHead
    case auditLeaf(UInt64)
    case auditNode(MerkleTree.Node)
    /// `digest`: keyed digest of the receipt's id.
    case receipt(digest: String)
    case proofKey
    /// `digest`: keyed digest of the user's id, here and in the following.
    case pendingErasure(digest: String)
    case erased(digest: String)
    case suppression(digest: String)
    /// `digest`: keyed digest of the regulation's id.
    case regulation(digest: String)
    /// `name`: of a `DataRequestID`, which sorts by time.
    case dataRequest(name: String)
    /// `digest`: keyed digest of the `subject_request_id`.
    case openDSR(digest: String)
    /// Of a request that is not done yet. `name`: of a `DataRequestID`.
    case openRequest(name: String)
    /// By what a person is named until their request is done: in a partition of its own, whose key is destroyed then.
    case requestIdentities(name: String)
    /// `digest`: keyed digest of the user's id.
    case hold(digest: String)
    /// `name`: sorts by time.
    case outboxMessage(name: String)
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
    case behavior(UserID)
    case day(UserID, Int64)
    /// `name`: made by `timeName`.
    case eventPage(UserID, name: String)
    case session(UserID, name: String)
    case seenMessages(UserID, shard: Int)
    case traits(UserID)
    case identity(UserID)
    /// `digest`: keyed digest of the visitor's id.
    case releasedVisitor(UserID, digest: String)
    case behavioralProfile(UserID)
    // A tenant's sums over users, and its look-ups.
    case navigation(NavigationCount.Kind, day: Int64, slot: UInt64)
    case behavioralProfileIndex(Int64)
    /// Under the level as it was last judged.
    case behavioralLevelIndex(EngagementLevel, Int64)
    case behavioralProfileCounter
    case product(digest: String)
    case productCounter
    /// `digest`: keyed digest of the visitor's id.
    case pendingJoin(digest: String)
    case joinCounter

    /// PK, as bytes.
    var partition: [UInt8] {
        switch self {
        case .tenant, .tenantCounter, .publishedProofKeys, .deletedTenant, .processorKey: Self.partition(.tenants)
        case .auditHead, .auditLeaf, .auditNode, .receipt, .proofKey: Self.partition(.audit)
        case .dataRequest, .openDSR, .openRequest: Self.partition(.requests)
        case .requestIdentities(let name): Self.partition(ofIdentities: name)
        case .outboxMessage: Self.partition(.outbox)
        case .pendingErasure, .erased, .suppression, .regulation, .hold: Self.partition(.erasures)
        case .apiKey: Self.partition(.keys)
        case .signingKey, .revocation: Self.partition(.tokens)
        case .playbook: Self.partition(.playbook)
        case .tenantAnswer: Self.partition(.answers)
        case .aiBudget: Self.partition(.ai)
        case .navigation: Self.partition(.navigation)
        case .behavioralProfileIndex, .behavioralLevelIndex, .behavioralProfileCounter: Self.partition(.behavioralProfiles)
        case .product, .productCounter: Self.partition(.catalog)
        case .pendingJoin, .joinCounter: Self.partition(.joins)
        case .personalization(let user), .userAnswer(let user, _), .behavior(let user), .day(let user, _), .eventPage(let user, _),
            .session(let user, _), .seenMessages(let user, _), .traits(let user), .identity(let user), .behavioralProfile(let user),
            .releasedVisitor(let user, _), .consent(let user), .consentChange(let user, _), .advice(let user), .suggestedAdvice(let user),
            .aiExchange(let user, _):
            Self.partition(of: user)
        }
    }

    /// Whose it is; nil: nobody's.
    var user: UserID? {
        switch self {
        case .personalization(let user), .userAnswer(let user, _), .behavior(let user), .day(let user, _), .eventPage(let user, _),
            .session(let user, _), .seenMessages(let user, _), .traits(let user), .identity(let user), .behavioralProfile(let user),
            .releasedVisitor(let user, _), .consent(let user), .consentChange(let user, _), .advice(let user), .suggestedAdvice(let user),
            .aiExchange(let user, _):
            user
        case .tenant, .tenantCounter, .publishedProofKeys, .deletedTenant, .apiKey, .signingKey, .revocation, .playbook, .tenantAnswer,
            .aiBudget,
            .auditHead, .auditLeaf, .auditNode, .receipt, .proofKey, .pendingErasure, .erased, .suppression, .regulation, .navigation,
            .behavioralProfileIndex, .behavioralLevelIndex, .behavioralProfileCounter, .product, .productCounter, .pendingJoin,
            .joinCounter, .dataRequest, .openDSR, .openRequest, .requestIdentities, .hold, .outboxMessage, .processorKey:
            nil
        }
    }

    /// SK: constants, numbers, times and digests; never a string from outside.
    var sort: String {
        switch self {
        case .tenant(let digest): "TENANT#\(digest)"
        case .tenantCounter: "COUNTER"
        case .publishedProofKeys(let digest): "PROOFKEYS#\(digest)"
        case .deletedTenant(let digest): "DELETED#\(digest)"
        case .auditHead: "HEAD"
        case .auditLeaf(let index): "LEAF#" + Self.hexadecimal(index, digits: 12)
        case .auditNode(let node): "NODE#\(node.level)-" + Self.hexadecimal(node.index, digits: 12)
        case .receipt(let digest): "RECEIPT#\(digest)"
        case .proofKey: "PROOFKEY"
        case .pendingErasure(let digest): "PENDING#\(digest)"
        case .erased(let digest): "ERASED#\(digest)"
        case .suppression(let digest): "SUPPRESSED#\(digest)"
        case .regulation(let digest): "REGULATION#\(digest)"
        case .dataRequest(let name): Self.dataRequestPrefix + name
        case .openDSR(let digest): Self.openDSRPrefix + digest
        case .openRequest(let name): Self.openRequestPrefix + name
        case .requestIdentities: "IDENTITIES"
        case .hold(let digest): "\(Self.holdPrefix)\(digest)"
        case .outboxMessage(let name): Self.outboxPrefix + name
        case .processorKey: "PROCESSOR"
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
        case .behavior: "BEHAVIOR"
        case .day(_, let day): "DAY#" + Self.dayName(day)
        case .eventPage(_, let name): "EVENT#" + name
        case .session(_, let name): "SESSION#" + name
        case .seenMessages(_, let shard): "SEEN#\(shard)"
        case .traits: "TRAITS"
        case .identity: "IDENTITY"
        case .releasedVisitor(_, let digest): Self.releasedVisitorPrefix + digest
        case .behavioralProfile: "BEHAVIORALPROFILE"
        case .navigation(let kind, let day, let slot): "\(kind.rawValue)#\(Self.dayName(day))-\(slot)"
        case .behavioralProfileIndex(let id): "PROFILE#" + Self.profileName(id)
        case .behavioralLevelIndex(let level, let id): Self.behavioralLevelPrefix(level) + Self.profileName(id)
        case .behavioralProfileCounter: "COUNTER"
        case .product(let digest): "PRODUCT#\(digest)"
        case .productCounter: "COUNTER"
        case .pendingJoin(let digest): "JOIN#\(digest)"
        case .joinCounter: "COUNTER"
        }
    }

    var entityType: EntityType {
        switch self {
        case .tenant: .tenant
        case .tenantCounter: .tenantCounter
        case .publishedProofKeys: .publishedProofKeys
        case .deletedTenant: .deletedTenant
        case .auditHead: .auditHead
        case .auditLeaf: .auditLeaf
        case .auditNode: .auditNode
        case .receipt: .receiptIndex
        case .proofKey: .proofKey
        case .pendingErasure: .pendingErasure
        case .erased: .erased
        case .suppression: .suppression
        case .regulation: .regulation
        case .dataRequest: .dataRequest
        case .openDSR: .openDSR
        case .openRequest: .openRequest
        case .requestIdentities: .requestIdentities
        case .hold: .hold
        case .outboxMessage: .outboxMessage
        case .processorKey: .processorKey
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
        case .behavior: .behavior
        case .day: .behaviorDay
        case .eventPage: .eventPage
        case .session: .session
        case .seenMessages: .seenMessages
        case .traits: .traits
        case .identity: .identity
        case .releasedVisitor: .releasedVisitor
        case .behavioralProfile: .behavioralProfile
        case .navigation: .navigationSlot
        case .behavioralProfileIndex, .behavioralLevelIndex: .behavioralProfileIndex
        case .behavioralProfileCounter: .behavioralProfileCounter
        case .product: .product
        case .productCounter: .productCounter
        case .pendingJoin: .pendingJoin
        case .joinCounter: .joinCounter
        }
    }

    /// How a person's rights apply to the item (GDPR, Art. 15 and 17).
    var personalData: PersonalData {
        switch self {
        case .tenant, .tenantCounter, .apiKey, .signingKey, .revocation, .playbook, .tenantAnswer, .aiBudget, .behavioralProfileCounter,
            .product, .productCounter, .joinCounter, .publishedProofKeys, .deletedTenant, .auditHead, .auditLeaf, .auditNode, .receipt,
            .proofKey, .pendingErasure, .regulation, .processorKey, .openRequest:
            PersonalData(export: .nothingPersonal, erasure: .notApplicable)
        // The identities of a request go when it is done, an erasure among them; a hold while it lasts keeps its user from being erased.
        case .requestIdentities, .hold: PersonalData(export: .nothingPersonal, erasure: .notApplicable)
        // What proves that a person is erased, and keeps one away who wants it, has to outlive the erasure.
        case .erased, .suppression, .dataRequest, .openDSR: PersonalData(export: .nothingPersonal, erasure: .outlives)
        case .personalization: PersonalData(export: .section("personalization"), erasure: .withPartition)
        case .userAnswer: PersonalData(export: .section("keptAnswers"), erasure: .withPartition)
        case .consent: PersonalData(export: .section("consent"), erasure: .withPartition)
        case .consentChange: PersonalData(export: .section("consentHistory"), erasure: .withPartition)
        case .advice: PersonalData(export: .section("aiAdvice"), erasure: .withPartition)
        case .suggestedAdvice: PersonalData(export: .section("aiSuggestions"), erasure: .withPartition)
        case .aiExchange: PersonalData(export: .section("aiExchanges"), erasure: .withPartition)
        case .behavior, .day: PersonalData(export: .section("behavior"), erasure: .withPartition)
        case .eventPage: PersonalData(export: .section("events"), erasure: .withPartition)
        case .session: PersonalData(export: .section("sessions"), erasure: .withPartition)
        case .seenMessages: PersonalData(export: .nothingPersonal, erasure: .withPartition)
        case .traits: PersonalData(export: .section("traits"), erasure: .withPartition)
        case .identity: PersonalData(export: .section("identity"), erasure: .withPartition)
        // The user's events name the visitors that they came with.
        case .releasedVisitor: PersonalData(export: .nothingPersonal, erasure: .withPartition)
        case .behavioralProfile: PersonalData(export: .section("behavioralProfile"), erasure: .withPartition)
        // A sum says nothing of one user; what each has added is a function of their sessions.
        case .navigation: PersonalData(export: .nothingPersonal, erasure: .uncounted)
        case .behavioralProfileIndex, .behavioralLevelIndex, .pendingJoin:
            PersonalData(export: .nothingPersonal, erasure: .byReference)
        // Tells of requests, and names nobody (`Outbox.Kind`).
        case .outboxMessage: PersonalData(export: .nothingPersonal, erasure: .notApplicable)
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
        /// What the user has added is taken out of the sum.
        case uncounted
        /// An item in the user's partition names it.
        case byReference
        /// A keyed digest, kept to keep the person erased.
        case outlives
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
        case navigation = "NAVIGATION"
        case behavioralProfiles = "BEHAVIORALPROFILES"
        case catalog = "CATALOG"
        case joins = "JOINS"
        case ai = "AI"
        case audit = "AUDIT"
        case erasures = "ERASURES"
        case requests = "REQUESTS"
        case outbox = "OUTBOX"
    }

    /// All that AI advice leaves with a user.
    static func aiItems(of user: UserID) -> [Keyspace] {
        [.advice(user), .suggestedAdvice(user)] + (0..<UInt32(Limits.aiExchangesMax * 2)).map { .aiExchange(user, place: $0) }
    }

    /// What the sort keys of a user's consent history start with.
    static let consentChangePrefix = "CONSENT#"

    /// What the sort keys of visitors start with that stand for themselves again.
    static let releasedVisitorPrefix = "RELEASED#"

    /// What the sort keys of the register's lines start with.
    static let holdPrefix = "HOLD#"
    static let dataRequestPrefix = "REQUEST#"
    static let openDSRPrefix = "OPENDSR#"
    static let openRequestPrefix = "OPEN#"
    static let outboxPrefix = "MESSAGE#"

    static func partition(ofIdentities name: String) -> [UInt8] { Array("REQUEST#\(name)".utf8) }

    static func partition(_ shared: Shared) -> [UInt8] { Array(shared.rawValue.utf8) }

    /// The number of a behavioral profile; sorts as the numbers do.
    static func profileName(_ id: Int64) -> String { hexadecimal(UInt64(clamping: id), digits: 12) }

    static func behavioralLevelPrefix(_ level: EngagementLevel) -> String { "LEVEL#\(level.rawValue)-" }

    /// All that leads to a behavioral profile from outside of its user's partition.
    static func behavioralProfileIndexes(_ id: Int64) -> [Keyspace] {
        [.behavioralProfileIndex(id)] + behavioralLevelIndexes(id)
    }

    /// In the order of the levels.
    static func behavioralLevelIndexes(_ id: Int64) -> [Keyspace] { EngagementLevel.allCases.map { .behavioralLevelIndex($0, id) } }

    private static let userPrefix = Array("USER#".utf8)

    static func partition(of user: UserID) -> [UInt8] { userPrefix + user.bytes }

    /// The user whose partition it is; nil for one that is nobody's.
    static func user(ofPartition name: [UInt8]) -> UserID? {
        guard name.starts(with: userPrefix) else { return nil }
        return String(validating: name.dropFirst(userPrefix.count), as: UTF8.self).flatMap { try? UserID($0) }
    }

    /// Sorts the newest first, as readers want them.
    static func dayName(_ day: Int64) -> String { hexadecimal(0xFFFFF - UInt64(clamping: day), digits: 5) }

    /// The key of a sum over users that lies at a sort key.
    static func navigation(sort: String) -> Keyspace? {
        let parts = sort.split(separator: "#"), place = parts.last?.split(separator: "-") ?? []
        guard parts.count == 2, place.count == 2, let kind = NavigationCount.Kind(rawValue: String(parts[0])),
            let turned = UInt64(place[0], radix: 16), turned <= 0xFFFFF, let slot = UInt64(place[1])
        else { return nil }
        return .navigation(kind, day: Int64(0xFFFFF - turned), slot: slot)
    }

    /// Sorts the newest first; the digest tells apart what happened in the same millisecond.
    static func timeName(_ moment: Timestamp, digest: UInt64) -> String {
        hexadecimal(0xFFF_FFFF_FFFF - UInt64(clamping: moment.milliseconds), digits: 11) + "-"
            + hexadecimal(digest & 0xFFFF_FFFF, digits: 8)
    }

    /// The moment of a name that `timeName` has made.
    static func moment(ofTimeName name: some Collection<UInt8>) -> Timestamp? {
        UInt64(String(decoding: name.prefix(11), as: UTF8.self), radix: 16)
            .flatMap { $0 <= 0xFFF_FFFF_FFFF ? Timestamp(milliseconds: Int64(0xFFF_FFFF_FFFF - $0)) : nil }
    }

    private static func hexadecimal(_ number: UInt64, digits: Int) -> String {
        String(unsafeUninitializedCapacity: digits) { bytes in
            var rest = number
            for place in (0..<digits).reversed() {
                let digit = UInt8(truncatingIfNeeded: rest & 0xF)
                bytes[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
                rest >>= 4
            }
            return digits
        }
    }
}
