import FoundationEssentials
import Store

/// Advice where an AI provider is configured: from what it wrote before, from it within the deadline, or by rules.
extension Advice {
    /// What is read of a user for one answer, at one moment.
    private struct Reading {
        let profile: Versioned<PersonalizationProfile>
        let consent: ConsentState
        let consentVersion: UInt64
        let kept: Item?
        /// Of the moment before; nil: there is nobody to ask, or the user's data were being taken away.
        let mark: Withdrawals.Mark?
    }

    private func read(_ scope: Scope, _ user: AuthorizedUser, with kept: Keyspace) async throws(EngineError) -> Reading {
        let mark = advisor?.withdrawals.mark(scope.tenant.number, user.id)
        let items = try await scope.tenant.table.items([.personalization(user.id), .consent(user.id), kept], now: scope.now)
        let profile = try items[0].map { item throws(EngineError) in
            Versioned(PersonalizationProfile(try item.record(as: PersonalizationRecord.self)), version: item.version)
        }
        let consent = try items[1].map { item throws(EngineError) in try item.record(as: ConsentRecord.self) }
        let state = ConsentState(consent, of: scope.tenant)
        // Where the user does not allow it, the answer is a stranger's.
        let usable = state.allows(.personalization) ? profile : nil
        return Reading(
            profile: usable ?? Versioned(PersonalizationProfile(), version: 0), consent: state,
            consentVersion: items[1]?.version ?? 0, kept: items[2], mark: mark)
    }

    private func question(
        _ scope: Scope, _ user: AuthorizedUser, _ reading: Reading, _ playbook: Versioned<CompiledPlaybook>,
        context: SuggestionContext? = nil, exchanges: UInt32
    ) -> AIQuestion {
        AIQuestion(
            scope: scope, mark: reading.mark, user: user.id, profile: reading.profile, playbook: playbook, context: context,
            keptVersion: reading.kept?.version ?? 0, consentVersion: reading.consentVersion, exchanges: exchanges)
    }

    // MARK: Dashboard

    func dashboard(_ scope: Scope, _ user: AuthorizedUser, from advisor: AIAdvisor) async throws(EngineError) -> Dashboard {
        let reading = try await read(scope, user, with: .advice(user.id))
        let playbook = try await playbooks.compiled(for: scope)
        var dashboard: Dashboard
        do throws(Fallback) {
            dashboard = try await advised(scope, user, reading, playbook, by: advisor)
        } catch {
            if let error = error.error { throw error }
            dashboard = DashboardRules.dashboard(for: reading.profile.value, playbook: playbook.value, now: scope.now)
            dashboard.fallbackReason = error.reason
        }
        dashboard.isPersonalized = reading.consent.allows(.personalization)
        playbook.value.finish(&dashboard, for: reading.profile.value)
        advisor.meters.countDashboard(dashboard.source, dashboard.fallbackReason)
        return dashboard
    }

    /// Why the rules have to write it; or what keeps them from it too.
    private struct Fallback: Error {
        var reason: FallbackReason?
        var error: EngineError?
    }

    private func advised(
        _ scope: Scope, _ user: AuthorizedUser, _ reading: Reading, _ playbook: Versioned<CompiledPlaybook>, by advisor: AIAdvisor
    ) async throws(Fallback) -> Dashboard {
        guard reading.consent.allowsAI else { throw Fallback(reason: .consent) }
        let kept: AdviceRecord?
        do throws(EngineError) {
            kept = try reading.kept.map { item throws(EngineError) in try item.record(as: AdviceRecord.self) }
        } catch {
            throw Fallback(error: error)
        }
        var question = question(scope, user, reading, playbook, exchanges: kept?.exchanges ?? 0)
        if let kept, kept.hasOrigin, let dashboard = cached(kept, &question, advisor) { return dashboard }
        if let reason = advisor.refusal(for: question.subject, now: scope.now) { throw Fallback(reason: reason) }
        switch advisor.ask(question) {
        case .refused(let reason): throw Fallback(reason: reason)
        case .flight(let flight):
            switch await flight.outcome(within: advisor.deadline) {
            case .sections(let sections, let madeAt): return Dashboard(sections, source: .ai, generatedAt: madeAt)
            case .fallback(let reason): throw Fallback(reason: reason)
            case .suggestions, nil: throw Fallback(reason: .timeout)
            }
        }
    }

    /// The kept sections: while nothing has changed as they are, and for a while after a change, with new ones on their way.
    private func cached(_ kept: AdviceRecord, _ question: inout AIQuestion, _ advisor: AIAdvisor) -> Dashboard? {
        let sections = kept.sections
        let playbook = question.playbook
        guard kept.origin.playbookVersion == playbook.version || AdvisorAnswer.isValid(sections, playbook: playbook.value) else {
            return nil
        }
        let dashboard = Dashboard(sections, source: .cache, generatedAt: Timestamp(milliseconds: kept.origin.madeAt))
        if kept.origin.isUnchanged(question, model: advisor.model) { return dashboard }
        question.keptDigest = Array(kept.origin.digest)
        guard kept.origin.isOlder(than: Limits.aiStaleSecondsMax, now: question.scope.now) else {
            _ = advisor.ask(question)
            return dashboard
        }
        let prompt = advisor.prompt(question)
        question.prompt = prompt
        guard prompt.digest.elementsEqual(kept.origin.digest) else { return nil }
        _ = advisor.ask(question)
        return dashboard
    }

    /// The dashboard that the user would get now, for an operator who looks on: nobody is asked for it.
    package func presentDashboard(_ scope: Scope, _ user: AuthorizedUser) async throws(EngineError) -> Dashboard {
        let reading = try await read(scope, user, with: .advice(user.id))
        let playbook = try await playbooks.compiled(for: scope)
        let kept = try reading.kept.map { item throws(EngineError) in try item.record(as: AdviceRecord.self) }
        if let advisor, reading.consent.allowsAI, let kept, kept.hasOrigin,
            kept.origin.isUnchanged(question(scope, user, reading, playbook, exchanges: kept.exchanges), model: advisor.model)
                || !kept.origin.isOlder(than: Limits.aiStaleSecondsMax, now: scope.now),
            AdvisorAnswer.isValid(kept.sections, playbook: playbook.value)
        {
            var dashboard = Dashboard(kept.sections, source: .cache, generatedAt: Timestamp(milliseconds: kept.origin.madeAt))
            playbook.value.finish(&dashboard, for: reading.profile.value)
            return dashboard
        }
        var dashboard = DashboardRules.dashboard(for: reading.profile.value, playbook: playbook.value, now: scope.now)
        dashboard.isPersonalized = reading.consent.allows(.personalization)
        playbook.value.finish(&dashboard, for: reading.profile.value)
        return dashboard
    }

    // MARK: Suggestions

    func suggestions(
        _ scope: Scope, _ user: AuthorizedUser, context: SuggestionContext, from advisor: AIAdvisor
    ) async throws(EngineError) -> [Suggestion] {
        let reading = try await read(scope, user, with: .suggestedAdvice(user.id))
        let playbook = try await playbooks.compiled(for: scope)
        let isPersonalized = reading.consent.allows(.personalization)
        if reading.consent.allowsAI {
            let kept = try reading.kept.map { item throws(EngineError) in try item.record(as: SuggestionsRecord.self) }
            let question = question(scope, user, reading, playbook, context: context, exchanges: kept?.exchanges ?? 0)
            if var advised = await advised(question, kept?.answers ?? [], by: advisor) {
                playbook.value.finish(&advised, isPersonalized: isPersonalized)
                return advised
            }
        }
        var suggestions = DashboardRules.suggestions(
            for: reading.profile.value, context: context, playbook: playbook.value, now: scope.now)
        playbook.value.finish(&suggestions, isPersonalized: isPersonalized)
        return suggestions
    }

    /// Of suggestions only those for the very same moment and profile are taken again.
    private func advised(
        _ question: AIQuestion, _ answers: [SuggestionsAnswerRecord], by advisor: AIAdvisor
    ) async -> [Suggestion]? {
        let isRefused = advisor.refusal(for: question.subject, now: question.scope.now) != nil
        if isRefused, answers.isEmpty { return nil }
        var question = question
        let prompt = advisor.prompt(question)
        question.prompt = prompt
        let known = answers.first { prompt.digest.elementsEqual($0.origin.digest) }
        if let known, !known.origin.isOlder(than: Limits.aiAdviceSeconds, now: question.scope.now) { return known.made }
        guard !isRefused, case .flight(let flight) = advisor.ask(question) else { return nil }
        guard case .suggestions(let suggestions) = await flight.outcome(within: advisor.deadline) else { return nil }
        return suggestions
    }
}

extension Dashboard {
    fileprivate init(_ sections: AdvisedSections, source: Source, generatedAt: Timestamp) {
        self.init(
            priorityActions: sections.priorityActions, suggestedContent: sections.suggestedContent,
            marketInsights: sections.marketInsights, nextBestActions: sections.nextBestActions, source: source, generatedAt: generatedAt)
    }
}
