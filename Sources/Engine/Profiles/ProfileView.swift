/// Everything that an operator sees of a user: the profile, the dashboard as the user sees it and why each entry is there, and what is
/// known of when things happened.
package struct ProfileView: Sendable {
    /// Something that happened to the profile.
    package struct Moment: Sendable {
        package enum Kind: String, Sendable { case firstUse, lastUse, goal, content, created }

        package let at: Timestamp
        package let kind: Kind
        /// A feature, a goal, a type of content; empty for `created`.
        package let subject: String
        /// How often, for uses and content; percent, for goals.
        package let number: UInt64
    }

    package let user: UserID
    package let profile: Versioned<PersonalizationProfile>
    package let dashboard: Dashboard
    /// For each insight of the dashboard, the user's area that it speaks about; nil where it is of use to everybody.
    package let insightAreas: [String?]
    /// The latest first.
    package let timeline: [Moment]
    /// Titles of the playbook's features, by name.
    package let featureTitles: [String: String]
    package let contentTitles: [String: String]
}

/// Makes views of users for operators.
package struct ProfileViews: Sendable {
    let users: UserList
    let personalization: Personalization
    let advice: Advice
    let playbooks: Playbooks

    private static let momentsMax = 60

    /// - Throws: `.notFound` where nothing is kept of the user.
    package func view(_ scope: Scope, _ reference: UserReference) async throws(EngineError) -> ProfileView {
        let user = try scope.authorize(.readPersonalization, for: reference)
        guard try users.holds(scope, user) else { throw EngineError(.notFound, "Nothing is kept of a user of that id.") }
        let profile = try await personalization.profile(scope, user)
        let dashboard = try await advice.presentDashboard(scope, user)
        let playbook = try await playbooks.compiled(for: scope).value.playbook
        return ProfileView(
            user: user.id, profile: profile, dashboard: dashboard,
            insightAreas: dashboard.marketInsights.map { Self.area(of: $0, in: playbook, focus: profile.value.marketFocus) },
            timeline: Array(profile.value.moments.sorted { $0.at > $1.at }.prefix(Self.momentsMax)),
            featureTitles: playbook.features.reduce(into: [:]) { $0[$1.name] = $1.title },
            contentTitles: playbook.contentTypes.reduce(into: [:]) { $0[$1.name] = $1.title })
    }

    /// The names and titles of the tenant's features, in the playbook's order.
    package func features(_ scope: Scope) async throws(EngineError) -> [Playbook.Feature] {
        try await playbooks.compiled(for: scope).value.playbook.features
    }

    private static func area(of insight: MarketInsight, in playbook: Playbook, focus: [String]) -> String? {
        guard let source = playbook.insights.first(where: { $0.title.hasSameBytes(as: insight.title) }) else { return nil }
        let areas = source.marketFocus.map { Phrase($0) }
        return focus.first { focus in areas.contains { $0.matches(Phrase(focus)) } }
    }
}

extension PersonalizationProfile {
    fileprivate var moments: [ProfileView.Moment] {
        var moments: [ProfileView.Moment] = []
        for feature in features {
            moments.append(.init(at: feature.firstUsedAt, kind: .firstUse, subject: feature.feature, number: 1))
            guard feature.count > 1 else { continue }
            moments.append(.init(at: feature.lastUsedAt, kind: .lastUse, subject: feature.feature, number: feature.count))
        }
        for goal in goalProgress {
            moments.append(.init(at: goal.updatedAt, kind: .goal, subject: goal.goal, number: UInt64((goal.progress * 100).rounded())))
        }
        for outcome in content {
            moments.append(
                .init(
                    at: outcome.lastUsedAt, kind: .content, subject: outcome.contentType, number: outcome.successes + outcome.failures))
        }
        if let createdAt { moments.append(.init(at: createdAt, kind: .created, subject: "", number: 0)) }
        return moments
    }
}
