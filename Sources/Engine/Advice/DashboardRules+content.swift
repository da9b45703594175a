extension DashboardRules {
    /// One type of content with the user's own record of it.
    private struct Candidate {
        var contentType: String
        var title: String
        var description: String
        var preference: ContentPreference?

        /// 0.5, the mean of the prior, where the type was never tried.
        var score: Double { preference?.score ?? 0.5 }
    }

    /// Types of content by how well they do for the user; one never tried stands between the good and the bad.
    ///
    /// A type that the playbook does not have is suggested only where it does well.
    static func suggestedContent(_ facts: ProfileFacts) -> [SuggestedContent] {
        var candidates = facts.playbook.playbook.contentTypes.map {
            Candidate(contentType: $0.name, title: $0.title, description: $0.description)
        }
        for preference in facts.profile.content {
            if let index = facts.playbook.contentTypeIndex[preference.contentType] {
                candidates[index].preference = preference
            } else if preference.score > 0.5 {
                let name = preference.contentType
                candidates.append(Candidate(contentType: name, title: name, description: "", preference: preference))
            }
        }
        // Of equal scores the one that the user has tried goes first, then the playbook's order.
        let order = candidates.indices.sorted { first, second in
            let (one, other) = (candidates[first], candidates[second])
            if one.score != other.score { return one.score > other.score }
            if (one.preference == nil) != (other.preference == nil) { return one.preference != nil }
            return first < second
        }
        return order.prefix(Limits.suggestedContentMax).map { index in
            let candidate = candidates[index]
            return SuggestedContent(
                contentType: candidate.contentType, title: candidate.title, reason: reason(for: candidate, facts))
        }
    }

    /// After so many days without it, the reason recalls how long it was.
    private static let forgottenDays = 30

    private static func reason(for candidate: Candidate, _ facts: ProfileFacts) -> String {
        guard let preference = candidate.preference else { return "New to you. \(candidate.description)" }
        let record = "\(preference.successes) of \(preference.successes + preference.failures)"
        guard preference.score >= 0.5 else { return "Worked \(record) times so far: another angle may change that." }
        let days = facts.days(since: preference.lastUsedAt)
        return days >= forgottenDays
            ? "Worked \(record) times for you, and you have not made one for \(days) days."
            : "Worked \(record) times for you."
    }
}
