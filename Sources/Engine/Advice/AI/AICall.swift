import FoundationEssentials
import SwiftProtobuf

/// A call of the AI provider that has ended, to be kept.
struct AICall: Sendable {
    let question: AIQuestion
    let prompt: AdvisorPrompt
    let result: Result<AICompletion, AIFailure>
    let tries: Int
    let outcome: AIOutcome

    var day: Int64 { TokenBudget.day(of: question.scope.now) }
    var tokens: Int { inputTokens + outputTokens }

    /// As the service counted them; where it says nothing, and where a call was given up that it may have worked on, our estimate.
    var inputTokens: Int {
        switch result {
        case .success(let completion): completion.inputTokens > 0 ? completion.inputTokens : sentEstimate
        case .failure(let failure): failure.reason == .timedOut || failure.reason == .invalidAnswer ? sentEstimate : 0
        }
    }

    var outputTokens: Int {
        switch result {
        case .success(let completion): completion.outputTokens > 0 ? completion.outputTokens : completion.json.count / 3
        // It wrote as much as it might, or we do not know.
        case .failure(let failure): failure.reason == .invalidAnswer ? prompt.request.outputTokensMax : 0
        }
    }

    private var sentEstimate: Int { prompt.tokensEstimate - prompt.request.outputTokensMax }

    var meter: AIMeters.Outcome {
        switch result.failure?.reason {
        case .refused: .refused
        case .forbidden: .forbidden
        case .throttled: .throttled
        case .unavailable: .unavailable
        case .timedOut: .timeout
        case .invalidAnswer: .invalidAnswer
        case nil: outcome.isAnswer ? .success : .invalidAnswer
        }
    }

    fileprivate func origin(model: String, now: Timestamp) -> AdviceOriginRecord {
        .with {
            $0.digest = Data(prompt.digest)
            $0.profileVersion = question.profile.version
            $0.playbookVersion = question.playbook.version
            $0.model = model
            $0.promptVersion = AdvisorPrompt.version
            $0.madeAt = now.milliseconds
        }
    }

    fileprivate func record(model: String, now: Timestamp) -> AIExchangeRecord {
        .with {
            $0.at = now.milliseconds
            $0.kind = question.kind.rawValue
            $0.model = model
            $0.promptVersion = AdvisorPrompt.version
            $0.sent = prompt.request.data
            if case .success(let completion) = result { $0.received = Data(completion.json) }
            $0.outcome = meter.rawValue
            $0.tries = UInt32(tries)
            ($0.inputTokens, $0.outputTokens) = (UInt64(inputTokens), UInt64(outputTokens))
        }
    }
}

/// What is kept of calls, in one transaction each.
extension AIAdvisor {
    /// Keeps the answer, what was sent for it, and what it cost.
    /// - Returns: what the tenant has spent on that day.
    func keep(_ call: AICall, model: String, now: Timestamp) async throws(EngineError) -> UInt64 {
        let question = call.question
        let budget = Keyspace.aiBudget(day: call.day)
        let (profile, consent) = (Keyspace.personalization(question.user), Keyspace.consent(question.user))
        let keys = [budget, profile, consent, question.keptItem, question.exchangeItem]
        let tenant = question.scope.tenant
        let withdrawals = withdrawals
        return try await tenant.table.write(keys, now: now) { table throws(EngineError) in
            var spent = try table.get(budget, as: AIBudgetRecord.self) ?? AIBudgetRecord()
            spent.spentTokens += UInt64(call.tokens)
            try table.put(
                budget, spent, expiresAt: Timestamp(seconds: (call.day + Limits.aiBudgetDaysKept) * 86_400))
            let present = try table.get(profile, as: PersonalizationRecord.self).map { PersonalizationProfile($0) }
            // What was sent stays on record where the answer has been overtaken; not where a reset or an erasure has taken all away.
            guard !tenant.shutUsers.isErased(question.user, since: question.scope.now),
                let mark = question.mark, withdrawals.isCurrent(mark), question.isAbout(present),
                question.keptVersion == 0 || table.version(of: question.keptItem) != 0,
                question.consentVersion == 0 || table.version(of: consent) != 0
            else { return spent.spentTokens }
            let isCurrent = table.version(of: question.keptItem) == question.keptVersion
            try table.put(
                question.exchangeItem, call.record(model: model, now: now), expiresAt: now.adding(seconds: Limits.aiExchangeSeconds))
            let isAllowed = ConsentState(try table.get(consent, as: ConsentRecord.self), of: tenant).allowsAI && isCurrent
            try table.keepAnswer(call, isAllowed: isAllowed, origin: call.origin(model: model, now: now), now: now)
            return spent.spentTokens
        }
    }

    /// Notes that kept sections are made from the facts as they are now: the profile has changed in nothing that they depend on.
    func renew(_ question: AIQuestion, _ prompt: AdvisorPrompt) async {
        let key = question.keptItem
        // Where it fails, the next dashboard compares again.
        try? await question.scope.tenant.table.write([key], now: question.scope.now) { table throws(EngineError) in
            guard table.version(of: key) == question.keptVersion, var advice = try table.get(key, as: AdviceRecord.self) else { return }
            advice.origin.profileVersion = question.profile.version
            advice.origin.playbookVersion = question.playbook.version
            try table.put(key, advice, expiresAt: advice.origin.endsAt ?? question.scope.now.adding(seconds: Limits.aiAdviceSeconds))
        }
    }
}

extension AIQuestion {
    /// Whether a stored profile is the one that was asked about, as it was or changed, and not a new one after a reset or an erasure.
    fileprivate func isAbout(_ present: PersonalizationProfile?) -> Bool {
        guard let createdAt = profile.value.createdAt else { return true }
        return present?.createdAt == createdAt
    }
}

extension TableDraft {
    /// The exchange counts also where the answer is of no use, or of none any more.
    fileprivate mutating func keepAnswer(
        _ call: AICall, isAllowed: Bool, origin: AdviceOriginRecord, now: Timestamp
    ) throws(EngineError) {
        let key = call.question.keptItem
        let expiry = now.adding(seconds: Limits.aiAdviceSeconds)
        switch call.question.kind {
        case .dashboard:
            var advice = try get(key, as: AdviceRecord.self) ?? AdviceRecord()
            advice.exchanges += 1
            if isAllowed, case .sections(let sections, _) = call.outcome {
                advice.origin = origin
                advice.sections = sections
            }
            try put(key, advice, expiresAt: advice.origin.endsAt ?? expiry)
        case .suggestions:
            var kept = try get(key, as: SuggestionsRecord.self) ?? SuggestionsRecord()
            kept.exchanges += 1
            if isAllowed, case .suggestions(let suggestions) = call.outcome {
                kept.answers.removeAll { $0.origin.digest == origin.digest }
                kept.answers = kept.answers.suffix(Limits.aiSuggestionsPerUserMax - 1)
                kept.answers.append(
                    .with {
                        $0.origin = origin
                        $0.made = suggestions
                    })
            }
            try put(key, kept, expiresAt: expiry)
        }
    }
}
