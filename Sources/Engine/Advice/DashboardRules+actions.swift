extension DashboardRules {
    /// What the rules say, the most urgent first, filled up with features that the user does not know yet.
    static func priorityActions(_ facts: ProfileFacts, leavingOut skipped: Int? = nil) -> [PriorityAction] {
        var taken = [Bool](repeating: false, count: facts.usage.count)
        if let skipped { taken[skipped] = true }
        var actions: [PriorityAction] = []
        actions.reserveCapacity(Limits.priorityActionsMax)
        for rule in facts.playbook.rules {
            if actions.count == Limits.priorityActionsMax { break }
            if let action = rule.action, taken[action] { continue }
            guard let findings = facts.findings(for: rule), let action = findings.action, !taken[action] else { continue }
            taken[action] = true
            let feature = facts.feature(action)
            actions.append(
                PriorityAction(
                    title: rule.title ?? feature.title,
                    description: feature.description,
                    action: feature.name,
                    priority: rule.priority,
                    reason: rule.reason.text(action: feature.title, findings: findings)
                ))
        }
        guard actions.count < Limits.priorityActionsMin else { return actions }
        let unknown = fillers(facts).filter { !taken[$0] }.prefix(Limits.priorityActionsMin - actions.count)
        return actions + unknown.map { filler($0, facts) }
    }

    static func nextBestActions(_ facts: ProfileFacts) -> [NextBestAction] {
        // A step never repeats the last one.
        let latest = facts.playbook.playbook.features.count > 1 ? facts.recent.last.flatMap { facts.playbook.featureIndex[$0] } : nil
        var chosen = Array(facts.predictions.lazy.filter { $0.suffixLength > 0 }.prefix(Limits.nextBestActionsMax))
        if chosen.count < Limits.nextBestActionsMax {
            for index in fillers(facts) where index != latest && !chosen.contains(where: { $0.feature == index }) {
                guard let prediction = facts.predictions.first(where: { $0.feature == index }) else { continue }
                chosen.append(prediction)
                if chosen.count == Limits.nextBestActionsMax { break }
            }
        }
        return chosen.map { prediction in
            let feature = facts.feature(prediction.feature)
            return NextBestAction(
                action: feature.name,
                title: feature.title,
                description: feature.description,
                confidence: prediction.confidence,
                basedOn: facts.basis(of: prediction)
            )
        }
    }

    /// Features that the user does not know, then the others, both in the order of the playbook.
    private static func fillers(_ facts: ProfileFacts) -> [Int] {
        let isKnown = facts.usage.indices.map { facts.usage[$0] != nil || isSettled($0, facts) }
        return facts.usage.indices.filter { !isKnown[$0] } + facts.usage.indices.filter { isKnown[$0] }
    }

    /// Whether the user has set what the feature asks for, without having been seen there.
    private static func isSettled(_ index: Int, _ facts: ProfileFacts) -> Bool {
        facts.playbook.goalFeatures.contains(index) && !facts.profile.goalProgress.isEmpty
            || facts.playbook.focusFeatures.contains(index) && !facts.profile.marketFocus.isEmpty
    }

    private static func filler(_ index: Int, _ facts: ProfileFacts) -> PriorityAction {
        let feature = facts.feature(index)
        let reason =
            facts.usage(of: index).map { usage in
                switch facts.days(since: usage.lastUsedAt) {
                case 0: "You used it within the last day: pick up where you left off."
                case 1: "You last used it yesterday."
                case let days: "You last used it \(days) days ago."
                }
            } ?? (isSettled(index, facts) ? "A quick look keeps it up to date." : "You haven't tried it yet.")
        return PriorityAction(
            title: feature.title, description: feature.description, action: feature.name, priority: .low, reason: reason)
    }
}
