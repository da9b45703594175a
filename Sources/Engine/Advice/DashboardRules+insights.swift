extension DashboardRules {
    /// Insights for the user's areas, taken in turn from each; then general ones. Each list begins with another insight every day.
    static func marketInsights(_ facts: ProfileFacts) -> [MarketInsight] {
        var chosen: [Int] = []
        var areas: [Int?] = []
        let queues = facts.focusPhrases.map { insights(for: $0, facts.playbook) }
        let day = max(0, Int(facts.now.seconds.flooredQuotient(86_400)))
        var turn = 0
        while chosen.count < Limits.marketInsightsMax, queues.contains(where: { $0.count > turn }) {
            for (area, queue) in queues.enumerated() where queue.count > turn && chosen.count < Limits.marketInsightsMax {
                let insight = queue[(day + turn) % queue.count]
                guard !chosen.contains(insight) else { continue }
                chosen.append(insight)
                areas.append(area)
            }
            turn += 1
        }
        let general = facts.playbook.generalInsights
        for offset in general.indices where chosen.count < Limits.marketInsightsMax {
            chosen.append(general[(day + offset) % general.count])
            areas.append(nil)
        }
        var reasons = InsightReasons()
        return zip(chosen, areas).map { index, area in
            let insight = facts.playbook.playbook.insights[index]
            let area = area.map { facts.profile.marketFocus[$0].shortened(toCharacters: Limits.quotedCharactersMax) }
            return MarketInsight(
                title: insight.title, description: insight.description, category: insight.category,
                reason: reasons.reason(for: insight.category, area: area))
        }
    }

    /// Indices of the insights that speak about an area, in the order of the playbook.
    private static func insights(for area: Phrase, _ playbook: CompiledPlaybook) -> [Int] {
        let found = playbook.focusAreas.filter { $0.phrase.matches(area) }
        guard found.count > 1 else { return found.first?.insights ?? [] }
        return Set(found.flatMap(\.insights)).sorted()
    }
}
