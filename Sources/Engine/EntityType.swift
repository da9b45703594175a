import SwiftProtobuf

/// What an item is; the raw value is its `entityType` in the table.
///
/// Each says which record it holds, or that it is withheld from exports: one without either does not compile.
enum EntityType: String, Sendable, CaseIterable {
    case tenant = "Tenant"
    case tenantCounter = "TenantCounter"
    case apiKey = "APIKey"
    case signingKey = "SigningKey"
    case revocation = "Revocation"
    case playbook = "Playbook"
    case keptAnswer = "KeptAnswer"
    case aiBudget = "AIBudget"
    case personalization = "PersonalizationProfile"
    case consent = "Consent"
    case consentChange = "ConsentChange"
    case advice = "Advice"
    case suggestions = "Suggestions"
    case aiExchange = "AIExchange"
    case behavior = "Behavior"
    case behaviorDay = "BehaviorDay"
    case eventPage = "EventPage"
    case session = "Session"
    case seenMessages = "SeenMessages"
    case traits = "Traits"
    case identity = "Identity"
    case releasedVisitor = "ReleasedVisitor"
    case behavioralProfile = "BehavioralProfile"
    case navigationSlot = "NavigationSlot"
    case behavioralProfileIndex = "BehavioralProfileIndex"
    case behavioralProfileCounter = "BehavioralProfileCounter"
    case product = "Product"
    case productCounter = "ProductCounter"
    case pendingJoin = "PendingJoin"
    case joinCounter = "JoinCounter"
    case publishedProofKeys = "PublishedProofKeys"
    case deletedTenant = "DeletedTenant"
    case auditHead = "AuditHead"
    case auditLeaf = "AuditLeaf"
    case auditNode = "AuditNode"
    case receiptIndex = "ReceiptIndex"
    case proofKey = "ProofKey"
    case pendingErasure = "PendingErasure"
    case erased = "Erased"
    case suppression = "Suppression"
    case regulation = "Regulation"
    case dataRequest = "DataRequest"
    case openDSR = "OpenDSR"
    case openRequest = "OpenRequest"
    case requestIdentities = "RequestIdentities"
    case hold = "Hold"
    case outboxMessage = "OutboxMessage"
    case processorKey = "ProcessorKey"

    /// The record of what a tenant takes along; nil for secrets of ours, which do not leave the installation.
    var exportedRecord: (any Message.Type)? {
        switch self {
        case .tenant, .tenantCounter, .apiKey, .signingKey, .proofKey, .processorKey: nil
        case .revocation: RevocationRecord.self
        case .playbook: PlaybookRecord.self
        case .keptAnswer: KeptAnswerRecord.self
        case .aiBudget: AIBudgetRecord.self
        case .personalization: PersonalizationRecord.self
        case .consent: ConsentRecord.self
        case .consentChange: ConsentChangeRecord.self
        case .advice: AdviceRecord.self
        case .suggestions: SuggestionsRecord.self
        case .aiExchange: AIExchangeRecord.self
        case .behavior: BehaviorRecord.self
        case .behaviorDay: DayRecord.self
        case .eventPage: EventPageRecord.self
        case .session: SessionRecord.self
        case .seenMessages: SeenRecord.self
        case .traits: TraitsRecord.self
        case .identity: IdentityRecord.self
        case .releasedVisitor: ReleasedVisitorRecord.self
        case .behavioralProfile: BehavioralProfileRecord.self
        case .navigationSlot: NavigationSlotRecord.self
        case .behavioralProfileIndex: BehavioralProfileIndexRecord.self
        case .behavioralProfileCounter: BehavioralProfileCounterRecord.self
        case .product: ProductRecord.self
        case .productCounter: ProductCounterRecord.self
        case .pendingJoin: PendingJoinRecord.self
        case .joinCounter: JoinCounterRecord.self
        case .publishedProofKeys: PublishedProofKeysRecord.self
        case .deletedTenant: DeletedTenantRecord.self
        case .auditHead: AuditHeadRecord.self
        case .auditLeaf: AuditLeafRecord.self
        case .auditNode: AuditNodeRecord.self
        case .receiptIndex: ReceiptIndexRecord.self
        case .pendingErasure: PendingErasureRecord.self
        case .erased: ErasedRecord.self
        case .suppression: SuppressionRecord.self
        case .regulation: RegulationRecord.self
        case .dataRequest: DataRequestRecord.self
        case .openDSR: OpenDSRRecord.self
        case .openRequest: OpenRequestRecord.self
        case .requestIdentities: RequestIdentitiesRecord.self
        case .hold: HoldRecord.self
        case .outboxMessage: OutboxMessageRecord.self
        }
    }
}
