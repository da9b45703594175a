import FoundationEssentials
import Store
import SwiftProtobuf

/// A member of the export document: which items of a user it shows, and how.
struct ExportSection: Sendable {
    let name: String
    /// What the sort keys of its items start with.
    let prefix: String
    /// Whether it is an array, of any number of items.
    let isList: Bool

    init(_ name: String, _ prefix: String, isList: Bool = false) {
        (self.name, self.prefix, self.isList) = (name, prefix, isList)
    }

    /// In the order of the document. `ExportTests` checks that every kind of item of a user lies in one.
    static let all = [
        ExportSection("personalization", "PERSONALIZATION"), ExportSection("consent", "CONSENT"),
        ExportSection("consentHistory", Keyspace.consentChangePrefix, isList: true), ExportSection("traits", "TRAITS"),
        ExportSection("identity", "IDENTITY"), ExportSection("behavioralProfile", "BEHAVIORALPROFILE"),
        ExportSection("behavior", "BEHAVIOR"), ExportSection("behaviorDays", "DAY#", isList: true),
        ExportSection("sessions", "SESSION#", isList: true), ExportSection("events", "EVENT#", isList: true),
        ExportSection("aiAdvice", "ADVICE"), ExportSection("aiSuggestions", "SUGGESTIONS"),
        ExportSection("aiExchanges", "AI#", isList: true), ExportSection("keptAnswers", "IDEMPOTENCY#", isList: true),
    ]

    /// The JSON values of an item: one, or each of the events that lie in it.
    static func values(of item: Item) throws(EngineError) -> [[UInt8]] {
        guard let type = EntityType(rawValue: item.entityType) else {
            throw EngineError(.internalError, "An item is of a type that this version cannot export.")
        }
        var json = JSONText()
        switch type {
        case .eventPage:
            return try item.record(as: EventPageRecord.self).events.map { event in
                var json = JSONText()
                json.event(event)
                return json.bytes
            }
        case .personalization:
            json.raw(try CanonicalJSON.encode(PersonalizationDocument(.init(try item.record(as: PersonalizationRecord.self)))))
        case .consent: json.consent(try item.record(as: ConsentRecord.self))
        case .consentChange: json.consentChange(try item.record(as: ConsentChangeRecord.self))
        case .traits: json.traits(try item.record(as: TraitsRecord.self))
        case .identity: json.identity(try item.record(as: IdentityRecord.self))
        case .behavioralProfile: json.behavioralProfile(try item.record(as: BehavioralProfileRecord.self))
        case .behavior: json.behavior(try item.record(as: BehaviorRecord.self))
        case .behaviorDay: json.day(try item.record(as: DayRecord.self))
        case .session: json.session(try item.record(as: SessionRecord.self))
        case .advice: json.advice(try item.record(as: AdviceRecord.self))
        case .suggestions: json.suggestions(try item.record(as: SuggestionsRecord.self))
        case .aiExchange: json.exchange(try item.record(as: AIExchangeRecord.self))
        case .keptAnswer: json.keptAnswer(try item.record(as: KeptAnswerRecord.self))
        // Digests of message ids, and visitors, that the events name.
        case .seenMessages, .releasedVisitor: return []
        case .tenant, .tenantCounter, .apiKey, .signingKey, .revocation, .playbook, .aiBudget, .navigationSlot, .behavioralProfileIndex,
            .behavioralProfileCounter, .product, .productCounter, .pendingJoin, .joinCounter, .publishedProofKeys, .deletedTenant,
            .auditHead, .auditLeaf, .auditNode, .receiptIndex, .proofKey, .pendingErasure, .erased, .suppression, .regulation,
            .dataRequest, .openDSR, .openRequest, .requestIdentities, .hold, .outboxMessage, .processorKey:
            throw EngineError(.internalError, "An item that is nobody's lies with a user.")
        }
        return [json.bytes]
    }
}
