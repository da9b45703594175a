/// What a tenant processes, for whom and for how long (GDPR, Art. 30), as it follows from how tenant and server are set up.
package struct ProcessingRecords: Codable, Sendable {
    package struct PurposeEntry: Codable, Sendable {
        package let purpose: String
        package let description: String
        package let allowedWhereNothingIsRecorded: Bool
    }

    package struct DataCategory: Codable, Sendable {
        /// As exports call it.
        package let category: String
        package let description: String
        package let retention: String
    }

    package struct Recipient: Codable, Sendable {
        package let recipient: String
        package let data: String
    }

    package let tenant: String
    package let generatedAt: String
    package let controller: String
    package let purposes: [PurposeEntry]
    package let personCategories: [String]
    package let dataCategories: [DataCategory]
    package let sources: [String]
    package let recipients: [Recipient]
    package let transfers: String
    package let securityMeasures: [String]
}

/// Makes records of processing.
package struct Processing: Sendable {
    /// nil: advice is by rules alone.
    let aiModel: String?

    package func records(_ scope: Scope) throws(EngineError) -> ProcessingRecords {
        try scope.authorize(.readProcessing)
        let tenant = scope.tenant
        let defaults = tenant.consentDefaults
        return ProcessingRecords(
            tenant: tenant.name.text, generatedAt: scope.now.rfc3339,
            controller: "the tenant, by its own privacy notice; whoever runs this server processes on its behalf",
            purposes: Purpose.allCases.map {
                .init(purpose: $0.rawValue, description: Self.description(of: $0), allowedWhereNothingIsRecorded: defaults.contains($0))
            },
            personCategories: ["users of the tenant's applications", "visitors of its pages who have not said who they are"],
            dataCategories: ExportSection.all.map {
                .init(
                    category: $0.name, description: Self.descriptions[$0.name] ?? "what an export shows under this name",
                    retention: Self.retention(of: $0.name, tenant))
            } + Self.ownCategories,
            sources: ["the tenant's applications", "the person's own browser", "rules of the tenant's playbook"],
            recipients: recipients(defaults), transfers: transfers, securityMeasures: Self.securityMeasures)
    }

    private func recipients(_ defaults: PurposeSet) -> [ProcessingRecords.Recipient] {
        let tenant = ProcessingRecords.Recipient(recipient: "the tenant", data: "everything, by its keys and its operators' pages")
        let callbacks = ProcessingRecords.Recipient(
            recipient: "the addresses that OpenDSR requests name for callbacks",
            data: "the state of the request by its id, and where its results can be fetched with a key; nothing else of the person")
        guard let aiModel else { return [tenant, callbacks] }
        let whose = defaults.contains(.ai) ? "everybody who has not refused the purpose ai" : "those who allow the purpose ai"
        return [
            tenant, callbacks,
            .init(
                recipient: "the AI provider, model \(aiModel)",
                data:
                    "features used, content types, goals and market focus of \(whose), without ids, names, addresses "
                    + "and numbers; each call is kept with the person (aiExchanges)"),
        ]
    }

    private var transfers: String {
        let callbacks = "the callbacks of OpenDSR requests, to where the requests say"
        return aiModel == nil ? "none but \(callbacks)" : "to where the AI provider works, as the operator has chosen it; \(callbacks)"
    }

    private static func description(of purpose: Purpose) -> String {
        switch purpose {
        case .analytics: "counting what users do: events, visits, behaviour, and sums over users"
        case .personalization: "dashboards, suggestions, recommendations and scores for the person"
        case .marketing: "messages to the person that nobody has asked for"
        case .ai: "having advice written by the AI provider, where one is configured"
        }
    }

    private static let descriptions = [
        "personalization": "features used, sequences, hours, content preferences, goals, market focus, time zone",
        "consent": "what the person allows, and whether processing is restricted",
        "consentHistory": "every decision: when, from where, which wording, which channel, which kind of credential",
        "traits": "what applications have said of the person, and groups", "identity": "which ids are one person",
        "behavioralProfile": "a score of engagement and interests", "behavior": "when the person was first and last seen, the latest day",
        "behaviorDays": "counts of a day", "sessions": "visits with their pages", "events": "what the person did, with what was sent along",
        "aiAdvice": "advice that AI wrote", "aiSuggestions": "advice that AI wrote",
        "aiExchanges": "what was sent to AI, and what came back",
        "keptAnswers": "answers kept so that a request that comes twice is done once",
    ]

    /// What is kept about rights themselves, which no person's export shows.
    private static let ownCategories: [ProcessingRecords.DataCategory] = [
        .init(
            category: "holds", description: "legal holds: a reason and who has placed it, under a keyed digest of the person's id",
            retention: "until the hold is lifted"),
        .init(
            category: "erasureLedger", description: "who was erased and when, by keyed digests, so that no backup brings them back",
            retention: "as long as the tenant"),
        .init(
            category: "requests", description: "the register of data subjects' requests, by keyed digests; identities while one runs",
            retention: "\(Limits.endedRequestSeconds / 86_400) days after the request has ended"),
        .init(
            category: "log", description: "administrative and privacy actions, with keyed digests of those whom they were about",
            retention: "as long as the tenant"),
    ]

    private static func retention(of section: String, _ tenant: Tenant) -> String {
        let days = tenant.intakeRules.retentionDays
        return switch section {
        case "events", "sessions": "\(days) days after the event"
        case "behaviorDays": "\(min(days, Limits.featureWindowDays) + 1) days"
        case "aiAdvice", "aiSuggestions": "\(Limits.aiAdviceSeconds / 86_400) days after it was written"
        case "aiExchanges": "\(Limits.aiExchangeSeconds / 86_400) days, the latest \(Limits.aiExchangesMax) of each kind"
        case "keptAnswers": "\(Limits.idempotencySeconds / 3600) hours"
        case "consentHistory": "until the person is erased, the latest \(Limits.consentChangesPerUserMax)"
        default: "until the person is erased"
        }
    }

    private static let securityMeasures = [
        "every person's data is sealed under a key of its own (AES-256-GCM), wrapped by the tenant's and the master key",
        "erasure destroys the person's key in place: no copy and no backup of the data opens afterwards",
        "no id of a person stands in clear in files, logs, metrics or addresses; names in keys are keyed digests (HMAC-SHA-256)",
        "tenants are separated by keys and by encoding; a credential reaches its own tenant alone",
        "API keys are kept as digests; tokens are signed with Ed25519, live a day at most, and can be revoked at once",
        "administrative and privacy actions stand in a signed, append-only log (RFC 9162)",
        "writes are durable before they are answered; damaged records are errors and never wrong data",
    ]
}
