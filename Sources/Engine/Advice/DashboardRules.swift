/// Dashboards, suggestions and next best actions from a user's own profile and the tenant's playbook, without any other user's data.
///
/// The same profile, playbook and moment always give the same answer. Nothing is empty, nothing stands twice in one
/// list, and no sentence twice in a dashboard.
package enum DashboardRules {
    package static func dashboard(for profile: PersonalizationProfile, playbook: CompiledPlaybook, now: Timestamp) -> Dashboard {
        let facts = ProfileFacts(profile: profile, playbook: playbook, now: now)
        let actions = priorityActions(facts)
        return Dashboard(
            priorityActions: actions,
            suggestedContent: suggestedContent(facts),
            marketInsights: marketInsights(facts),
            nextBestActions: nextBestActions(facts, besides: actions),
            source: .rules,
            generatedAt: now
        )
    }

    /// What to do right now. The feature of the page that the user is on is left out, where there is any other.
    package static func suggestions(
        for profile: PersonalizationProfile, context: SuggestionContext, playbook: CompiledPlaybook, now: Timestamp
    ) -> [Suggestion] {
        let facts = ProfileFacts(profile: profile, playbook: playbook, now: now, context: context)
        let here = context.currentPage.flatMap { playbook.feature(atPage: $0) }
        let actions = priorityActions(facts, leavingOut: playbook.playbook.features.count > 1 ? here : nil)
        return actions.prefix(Limits.suggestionsMax).map { action in
            Suggestion(
                title: action.title,
                description: "\(action.reason) \(action.description)",
                action: action.action,
                priority: action.priority,
                source: .rules,
                reason: action.reason
            )
        }
    }

    /// What the user is likely to do next, or has yet to try, the likeliest first.
    package static func nextBestActions(
        for profile: PersonalizationProfile, playbook: CompiledPlaybook, now: Timestamp
    ) -> [NextBestAction] {
        nextBestActions(ProfileFacts(profile: profile, playbook: playbook, now: now))
    }
}
