extension DashboardRules {
    /// What the rules say, the most urgent first, filled up with features that the user does not know yet.
    static func priorityActions(_ facts: ProfileFacts, leavingOut skipped: Int? = nil) -> [PriorityAction] {
        var taken = [Bool](repeating: false, count: facts.usage.count)
        if let skipped { taken[skipped] = true }
        var actions: [PriorityAction] = []
        actions.reserveCapacity(Limits.priorityActionsMax)
        var told = Findings.Told()
        for rule in facts.playbook.rules {
            if actions.count == Limits.priorityActionsMax { break }
            if let action = rule.action, taken[action] { continue }
            guard let findings = facts.findings(for: rule, besides: told), let action = findings.action, !taken[action] else { continue }
            taken[action] = true
            told.add(findings)
            let feature = facts.feature(action)
            actions.append(
                PriorityAction(
                    title: rule.title ?? (rule.followsSteps ? "Continue with \(feature.title)" : "Open \(feature.title)"),
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

    /// - Parameter actions: What the same dashboard says already; its features come again only where there are few others.
    static func nextBestActions(_ facts: ProfileFacts, besides actions: [PriorityAction] = []) -> [NextBestAction] {
        // A step never repeats the last one.
        let latest = facts.playbook.playbook.features.count > 1 ? facts.recent.last.flatMap { facts.playbook.featureIndex[$0] } : nil
        let said = Set(actions.compactMap { facts.playbook.featureIndex[$0.action] })
        var chosen = Array(
            facts.predictions.lazy.filter { $0.suffixLength > 0 && !said.contains($0.feature) }.prefix(Limits.nextBestActionsMax))
        let order = fillers(facts)
        let fresh = order.lazy.filter { !said.contains($0) }
        fill(&chosen, fresh, count: Limits.nextBestActionsMax, facts, leavingOut: latest)
        fill(&chosen, order.lazy.filter(said.contains), count: Limits.priorityActionsMin, facts, leavingOut: latest)
        // Of equal confidences the one that was found first stays first.
        let sorted = chosen.enumerated().sorted { one, other in
            one.element.confidence != other.element.confidence
                ? one.element.confidence > other.element.confidence : one.offset < other.offset
        }
        return sorted.map { nextBestAction($0.element, facts, isSaid: said.contains($0.element.feature)) }
    }

    private static func fill(
        _ chosen: inout [NextStepModel.Prediction], _ features: some Sequence<Int>, count: Int, _ facts: ProfileFacts,
        leavingOut latest: Int?
    ) {
        guard chosen.count < count else { return }
        for index in features where index != latest && !chosen.contains(where: { $0.feature == index }) {
            guard let prediction = facts.predictions.first(where: { $0.feature == index }) else { continue }
            chosen.append(prediction)
            if chosen.count == count { return }
        }
    }

    private static func nextBestAction(_ prediction: NextStepModel.Prediction, _ facts: ProfileFacts, isSaid: Bool) -> NextBestAction {
        let feature = facts.feature(prediction.feature)
        let basis = facts.basis(of: prediction)
        let isUsed = facts.usage[prediction.feature] != nil
        var reason = isUsed ? "You have used \(feature.title) before." : "You haven't tried \(feature.title) yet."
        if let latest = basis.last {
            let times =
                switch prediction.occurrences {
                case 1: "once"
                case 2: "twice"
                case let count: "\(count) times"
                }
            reason = "You went on to \(feature.title) \(times) after \(facts.title(ofFeature: latest))."
        }
        if isSaid { reason = "\(feature.title) comes up again because there are few other tools to suggest." }
        return NextBestAction(
            action: feature.name,
            title: !basis.isEmpty ? "Continue with \(feature.title)" : isUsed ? "Open \(feature.title)" : "Try \(feature.title)",
            description: isSaid ? "\(feature.title) is also one of your priorities." : feature.description,
            confidence: prediction.confidence,
            basedOn: basis,
            reason: reason
        )
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
                case 0: "You used \(feature.title) within the last day, so you can pick up where you left off."
                case 1: "You last used \(feature.title) about a day ago."
                case let days: "You last used \(feature.title) \(days) days ago."
                }
            } ?? (isSettled(index, facts) ? "A quick look keeps \(feature.title) up to date." : "You haven't tried \(feature.title) yet.")
        return PriorityAction(
            title: facts.usage[index] == nil && !isSettled(index, facts) ? "Try \(feature.title)" : "Open \(feature.title)",
            description: feature.description, action: feature.name, priority: .low, reason: reason)
    }
}
