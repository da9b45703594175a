import Glibc

/// The last touch to an answer, whoever wrote it: links of features, reasons that are missing, and numbers that can be read.
extension CompiledPlaybook {
    /// - Parameter profile: of the user, or an empty one where the answer is a stranger's.
    func finish(_ dashboard: inout Dashboard, for profile: PersonalizationProfile) {
        for index in dashboard.priorityActions.indices {
            dashboard.priorityActions[index].link = link(of: dashboard.priorityActions[index].action)
        }
        finish(&dashboard.nextBestActions, isPersonalized: true)
        guard dashboard.marketInsights.contains(where: \.reason.isEmpty) else { return }
        let area = profile.marketFocus.prefix(3).joined(separator: ", ").shortened(toCharacters: Limits.quotedCharactersMax)
        var counts = InsightReasons()
        for index in dashboard.marketInsights.indices {
            let category = dashboard.marketInsights[index].category
            dashboard.marketInsights[index].reason = counts.reason(for: category, area: area.isEmpty ? nil : area)
        }
    }

    func finish(_ actions: inout [NextBestAction], isPersonalized: Bool) {
        for index in actions.indices {
            actions[index].link = link(of: actions[index].action)
            actions[index].confidence = rounded(actions[index].confidence)
            actions[index].isPersonalized = isPersonalized
            if actions[index].reason.isEmpty { actions[index].reason = adviserReason(for: actions[index].action) }
        }
    }

    func finish(_ suggestions: inout [Suggestion], isPersonalized: Bool) {
        for index in suggestions.indices {
            suggestions[index].link = link(of: suggestions[index].action)
            suggestions[index].isPersonalized = isPersonalized
            if suggestions[index].reason.isEmpty { suggestions[index].reason = adviserReason(for: suggestions[index].action) }
        }
    }

    /// Two decimals, on the same side of every confidence that a rule asks for: what is shown never contradicts what was decided.
    func rounded(_ confidence: Double) -> Double {
        let rounded = (confidence * 100).rounded() / 100
        for threshold in confidenceThresholds where (confidence < threshold) != (rounded < threshold) {
            return confidence < threshold ? floor(confidence * 100) / 100 : min(1, ceil(confidence * 100) / 100)
        }
        return rounded
    }

    private func link(of feature: String) -> String? { featureIndex[feature].map { playbook.features[$0].link } }

    /// For what the AI provider wrote without a reason of its own.
    private func adviserReason(for feature: String) -> String {
        let title = featureIndex[feature].map { playbook.features[$0].title } ?? feature
        return "\(title) fits your goals, your market, and the way you work."
    }
}

/// Why insights are shown, each in words of its own: no sentence stands twice in a dashboard.
struct InsightReasons {
    private var told: [String] = []

    /// - Parameter area: of the user's focus; nil for an insight that is of use to everybody.
    mutating func reason(for category: MarketInsight.Category, area: String?) -> String {
        let noun = category.rawValue
        let scope = area.map { "for your market: \($0)." } ?? "for every market."
        let article = category == .opportunity ? "An" : "A"
        let reasons = [article, "Another", "One more", "Yet another"].lazy.map { "\($0) \(noun) \(scope)" }
        let reason = reasons.first { !told.contains($0) } ?? "And one more \(noun) \(scope)"
        told.append(reason)
        return reason
    }
}
