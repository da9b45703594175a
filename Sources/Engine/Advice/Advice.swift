/// What a user is advised to do: by the rules of the tenant's playbook, from the user's own profile, and where there is a provider, by AI.
package struct Advice: Sendable {
    let personalization: Personalization
    let playbooks: Playbooks
    /// nil: no AI provider is configured, and nothing is read or done for it.
    let advisor: AIAdvisor?

    package func dashboard(_ scope: Scope, _ user: AuthorizedUser) async throws(EngineError) -> Dashboard {
        if let advisor { return try await dashboard(scope, user, from: advisor) }
        let profile = try await usableProfile(scope, user)
        return DashboardRules.dashboard(for: profile, playbook: try await playbooks.compiled(for: scope).value, now: scope.now)
    }

    package func suggestions(
        _ scope: Scope, _ user: AuthorizedUser, context: SuggestionContext
    ) async throws(EngineError) -> [Suggestion] {
        if let advisor { return try await suggestions(scope, user, context: context, from: advisor) }
        let profile = try await usableProfile(scope, user)
        let playbook = try await playbooks.compiled(for: scope).value
        return DashboardRules.suggestions(for: profile, context: context, playbook: playbook, now: scope.now)
    }

    package func nextBestActions(_ scope: Scope, _ user: AuthorizedUser) async throws(EngineError) -> [NextBestAction] {
        let profile = try await usableProfile(scope, user)
        return DashboardRules.nextBestActions(for: profile, playbook: try await playbooks.compiled(for: scope).value, now: scope.now)
    }

    /// The profile; an empty one where processing is restricted, so that the answer is nobody's in particular.
    private func usableProfile(_ scope: Scope, _ user: AuthorizedUser) async throws(EngineError) -> PersonalizationProfile {
        let items = try await scope.tenant.table.items([.personalization(user.id), .consent(user.id)], now: scope.now)
        guard let item = items[0] else { return PersonalizationProfile() }
        if try items[1]?.record(as: ConsentRecord.self).isRestricted ?? false { return PersonalizationProfile() }
        return PersonalizationProfile(try item.record(as: PersonalizationRecord.self))
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
