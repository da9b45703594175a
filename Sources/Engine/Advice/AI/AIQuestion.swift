import Store

/// What to ask the AI provider about one user, and all that the answer will be kept by.
struct AIQuestion: Sendable {
    enum Kind: String, Sendable { case dashboard, suggestions }

    /// One flight for each.
    struct Subject: Sendable, Hashable {
        let tenant: TenantNumber
        let user: UserID
        let kind: Kind
    }

    let scope: Scope
    /// Of before the reading; nil: the user's data were being taken away.
    let mark: Withdrawals.Mark?
    let user: UserID
    let profile: Versioned<PersonalizationProfile>
    let playbook: Versioned<CompiledPlaybook>
    /// Of suggestions; nil: the dashboard is asked for.
    let context: SuggestionContext?
    /// Versions of the items as they were read: what has been reset or erased since then is not brought back.
    let keptVersion: UInt64
    let consentVersion: UInt64
    /// How many exchanges of this kind were kept before.
    let exchanges: UInt32
    /// Of the sections that are kept; nil: there are none.
    var keptDigest: [UInt8]?
    /// Where it was needed before.
    var prompt: AdvisorPrompt?

    var kind: Kind { context == nil ? .dashboard : .suggestions }
    var subject: Subject { Subject(tenant: scope.tenant.number, user: user, kind: kind) }
    var keptItem: Keyspace { context == nil ? .advice(user) : .suggestedAdvice(user) }

    /// Dashboards have the first half of the ring, suggestions the second, so that two flights of a user never meet in it.
    var exchangeItem: Keyspace {
        let place = exchanges % UInt32(Limits.aiExchangesMax)
        return .aiExchange(user, place: context == nil ? place : place + UInt32(Limits.aiExchangesMax))
    }
}

extension AdviceOriginRecord {
    /// Whether nothing that the answer was made from has been written since.
    func isUnchanged(_ question: AIQuestion, model: String) -> Bool {
        profileVersion == question.profile.version && playbookVersion == question.playbook.version && self.model == model
            && promptVersion == AdvisorPrompt.version
    }

    /// Until when what was made is shown at most, however little of what it was made from changes; nil: nothing was made.
    var endsAt: Timestamp? { madeAt == 0 ? nil : Timestamp(milliseconds: madeAt).adding(seconds: Limits.aiAdviceSeconds) }

    func isOlder(than seconds: Int64, now: Timestamp) -> Bool {
        now >= Timestamp(milliseconds: madeAt).adding(seconds: seconds)
    }
}
