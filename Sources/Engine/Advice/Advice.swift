/// What a user is advised to do: by the rules of the tenant's playbook, from the user's own profile, and where there is a provider, by AI.
package struct Advice: Sendable {
    let personalization: Personalization
    let playbooks: Playbooks
    /// nil: no AI provider is configured, and nothing is read or done for it.
    let advisor: AIAdvisor?

    package func dashboard(_ scope: Scope, _ user: AuthorizedUser) async throws(EngineError) -> Dashboard {
        if let advisor { return try await dashboard(scope, user, from: advisor) }
        let (profile, isPersonalized) = try await usableProfile(scope, user)
        let playbook = try await playbooks.compiled(for: scope).value
        var dashboard = DashboardRules.dashboard(for: profile, playbook: playbook, now: scope.now)
        dashboard.isPersonalized = isPersonalized
        playbook.finish(&dashboard, for: profile)
        return dashboard
    }

    package func suggestions(
        _ scope: Scope, _ user: AuthorizedUser, context: SuggestionContext
    ) async throws(EngineError) -> [Suggestion] {
        if let advisor { return try await suggestions(scope, user, context: context, from: advisor) }
        let (profile, isPersonalized) = try await usableProfile(scope, user)
        let playbook = try await playbooks.compiled(for: scope).value
        var suggestions = DashboardRules.suggestions(for: profile, context: context, playbook: playbook, now: scope.now)
        playbook.finish(&suggestions, isPersonalized: isPersonalized)
        return suggestions
    }

    package func nextBestActions(_ scope: Scope, _ user: AuthorizedUser) async throws(EngineError) -> [NextBestAction] {
        let (profile, isPersonalized) = try await usableProfile(scope, user)
        let playbook = try await playbooks.compiled(for: scope).value
        var actions = DashboardRules.nextBestActions(for: profile, playbook: playbook, now: scope.now)
        playbook.finish(&actions, isPersonalized: isPersonalized)
        return actions
    }

    /// The profile; an empty one where the user does not allow `personalization`, so that the answer is a stranger's.
    private func usableProfile(
        _ scope: Scope, _ user: AuthorizedUser
    ) async throws(EngineError) -> (profile: PersonalizationProfile, isPersonalized: Bool) {
        let items = try await scope.tenant.table.items([.personalization(user.id), .consent(user.id)], now: scope.now)
        let record = try items[1].map { item throws(EngineError) in try item.record(as: ConsentRecord.self) }
        guard ConsentState(record, of: scope.tenant).allows(.personalization) else { return (PersonalizationProfile(), false) }
        guard let item = items[0] else { return (PersonalizationProfile(), true) }
        return (PersonalizationProfile(try item.record(as: PersonalizationRecord.self)), true)
    }

    /// What the AI provider did and what state its circuit breaker is in; nil where none is configured.
    package var aiMetrics: (counts: AIMeters.Counts, breaker: String)? {
        advisor.map { ($0.meters.counts, $0.breakerState.rawValue) }
    }

    /// The states that a circuit breaker can be in, by the names that `aiMetrics` has for them.
    package static var breakerStates: [String] { CircuitBreaker.State.allCases.map(\.rawValue) }

    /// Ends what is still asked of the AI provider.
    func close() async {
        await advisor?.close()
    }
}
