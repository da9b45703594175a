extension DashboardRules {
    /// One type of content with the user's own record of it: of the playbook, or one that only the profile knows.
    private struct Candidate {
        /// Index in the playbook; nil for a type that it does not have.
        var known: Int?
        /// Index in the profile; nil for a type never tried.
        var tried: Int?
        /// 0.5, the mean of the prior, where the type was never tried.
        var score = 0.5
    }

    /// Types of content by how well they do for the user; one never tried stands between the good and the bad.
    ///
    /// A type that the playbook does not have is suggested only where it does well.
    static func suggestedContent(_ facts: ProfileFacts) -> [SuggestedContent] {
        var candidates = facts.playbook.playbook.contentTypes.indices.map { Candidate(known: $0) }
        for index in facts.profile.content.indices {
            let score = facts.profile.content[index].score
            if let known = facts.playbook.contentTypeIndex[facts.profile.content[index].contentType] {
                candidates[known].tried = index
                candidates[known].score = score
            } else if score > 0.5 {
                candidates.append(Candidate(tried: index, score: score))
            }
        }
        // Of equal scores the one that the user has tried goes first, then the playbook's order.
        let order = candidates.indices.sorted { first, second in
            let (one, other) = (candidates[first], candidates[second])
            if one.score != other.score { return one.score > other.score }
            if (one.tried == nil) != (other.tried == nil) { return one.tried != nil }
            return first < second
        }
        return order.prefix(Limits.suggestedContentMax).map { suggestion(for: candidates[$0], facts) }
    }

    /// After so many days without it, the reason recalls how long it was.
    private static let forgottenDays = 30

    private static func suggestion(for candidate: Candidate, _ facts: ProfileFacts) -> SuggestedContent {
        let known = candidate.known.map { facts.playbook.playbook.contentTypes[$0] }
        let preference = candidate.tried.map { facts.profile.content[$0] }
        let name = known?.name ?? preference?.contentType ?? ""
        let title = known?.title ?? name
        let record = preference.map { reason(for: $0, title: title, facts) }
        let introduction = candidate.known.map { facts.playbook.contentIntroductions[$0] }
        return SuggestedContent(contentType: name, title: title, reason: record ?? introduction ?? "")
    }

    private static func reason(for preference: ContentPreference, title: String, _ facts: ProfileFacts) -> String {
        let record = "\(preference.successes) of \(preference.successes + preference.failures)"
        let tries = preference.successes + preference.failures == 1 ? "try" : "tries"
        let outcome = "The format “\(title)” has worked in \(record) \(tries)"
        guard preference.score >= 0.5 else { return "\(outcome) so far; a new angle may change that." }
        let days = facts.days(since: preference.lastUsedAt)
        return days >= forgottenDays ? "\(outcome), and you haven't used it in \(days) days." : "\(outcome)."
    }
}
