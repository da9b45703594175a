extension DashboardRules {
    /// Insights for the user's areas, taken in turn from each; then general ones, which begin with another one every day.
    static func marketInsights(_ facts: ProfileFacts) -> [MarketInsight] {
        var chosen: [Int] = []
        let queues = facts.focusPhrases.map { insights(for: $0, facts.playbook) }
        var turn = 0
        while chosen.count < Limits.marketInsightsMax, queues.contains(where: { $0.count > turn }) {
            for queue in queues where queue.count > turn && chosen.count < Limits.marketInsightsMax && !chosen.contains(queue[turn]) {
                chosen.append(queue[turn])
            }
            turn += 1
        }
        let general = facts.playbook.generalInsights
        let start = Int(facts.now.seconds.flooredQuotient(86_400) % Int64(general.count))
        for offset in general.indices where chosen.count < Limits.marketInsightsMax {
            chosen.append(general[(max(0, start) + offset) % general.count])
        }
        return chosen.map { index in
            let insight = facts.playbook.playbook.insights[index]
            return MarketInsight(title: insight.title, description: insight.description, category: insight.category)
        }
    }

    /// Indices of the insights that speak about an area, in the order of the playbook.
    private static func insights(for area: Phrase, _ playbook: CompiledPlaybook) -> [Int] {
        let found = playbook.focusAreas.filter { $0.phrase.matches(area) }
        guard found.count > 1 else { return found.first?.insights ?? [] }
        return Set(found.flatMap(\.insights)).sorted()
    }
}
