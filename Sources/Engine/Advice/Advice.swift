/// What a user is advised to do: by the rules of the tenant's playbook, from the user's own profile.
package struct Advice: Sendable {
    let personalization: Personalization
    let playbooks: Playbooks

    package func dashboard(_ scope: Scope, _ user: AuthorizedUser) async throws(EngineError) -> Dashboard {
        let profile = try await personalization.profile(scope, user).value
        return DashboardRules.dashboard(for: profile, playbook: try await playbooks.compiled(for: scope).value, now: scope.now)
    }

    package func suggestions(
        _ scope: Scope, _ user: AuthorizedUser, context: SuggestionContext
    ) async throws(EngineError) -> [Suggestion] {
        let profile = try await personalization.profile(scope, user).value
        let playbook = try await playbooks.compiled(for: scope).value
        return DashboardRules.suggestions(for: profile, context: context, playbook: playbook, now: scope.now)
    }

    package func nextBestActions(_ scope: Scope, _ user: AuthorizedUser) async throws(EngineError) -> [NextBestAction] {
        let profile = try await personalization.profile(scope, user).value
        return DashboardRules.nextBestActions(for: profile, playbook: try await playbooks.compiled(for: scope).value, now: scope.now)
    }
}
