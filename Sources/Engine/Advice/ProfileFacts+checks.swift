/// The closed vocabulary of `RuleCondition`, asked of one profile.
extension ProfileFacts {
    /// - Parameter told: What needs no telling again.
    /// - Returns: what was found for the rule's reason, or nil where a condition does not hold.
    func findings(for rule: CompiledRule, besides told: Findings.Told = Findings.Told()) -> Findings? {
        var findings = Findings(besides: told)
        findings.action = rule.action
        for index in rule.checks.indices {
            guard holds(rule.checks[index], &findings) else { return nil }
        }
        return findings
    }

    private func holds(_ check: CompiledRule.Check, _ findings: inout Findings) -> Bool {
        switch check {
        case .hasGoals(let wanted): wanted != (profile.shortTermGoals.isEmpty && profile.longTermGoals.isEmpty)
        case .hasMarketFocus(let wanted): wanted != profile.marketFocus.isEmpty
        case .featuresUsedAtMost(let count): counted(profile.features.count, profile.features.count <= count, &findings)
        case .featuresUsedAtLeast(let count): counted(profile.features.count, profile.features.count >= count, &findings)
        case .profileCompletionBelow(let percent): isLessComplete(than: percent, &findings)
        case .neverUsed(let feature): usage[feature] == nil
        case .usedAtLeast(let feature, let count): wasUsed(feature, atLeast: count, &findings)
        case .unusedForDays(let feature, let days): isUnused(feature, forDays: days, &findings)
        case .usedWithinDays(let feature, let days): wasUsed(feature, withinDays: days, &findings)
        case .inactiveForDays(let days): isInactive(forDays: days, &findings)
        case .allGoalsCompleted(let wanted):
            wanted == (!profile.goalProgress.isEmpty && profile.goalProgress.allSatisfy { $0.status == .completed })
        case .localHour(let range): hours.overlaps(range)
        case .unfinishedGoal(let wanted, let keywords): hasUnfinishedGoal(wanted, keywords: keywords, &findings)
        case .marketFocus(let areas): hasFocus(on: areas, &findings)
        case .abandonedContent(let wanted): hasAbandonedContent(wanted, &findings)
        case .strongContent(let wanted): hasStrongContent(wanted, &findings)
        case .usualHour(let wanted): isUsualHour(wanted, &findings)
        case .nextStep(let wanted): hasNextStep(wanted, &findings)
        case .shortcut(let wanted): hasShortcut(wanted, &findings)
        }
    }

    private func counted(_ count: Int, _ holds: Bool, _ findings: inout Findings) -> Bool {
        if holds { findings.note(.count, count) }
        return holds
    }

    private func isLessComplete(than percent: Double, _ findings: inout Findings) -> Bool {
        guard let profileCompletion, profileCompletion < percent else { return false }
        findings.note(.count, Int(max(0, profileCompletion)))
        return true
    }

    // MARK: Features

    private func wasUsed(_ feature: Int, atLeast count: Int, _ findings: inout Findings) -> Bool {
        guard let usage = usage(of: feature), usage.count >= UInt64(count) else { return false }
        findings.note(.feature, self.feature(feature).title)
        findings.note(.count, String(usage.count))
        return true
    }

    private func isUnused(_ feature: Int, forDays days: Int, _ findings: inout Findings) -> Bool {
        guard let usage = usage(of: feature), self.days(since: usage.lastUsedAt) >= days else { return false }
        findings.note(.feature, self.feature(feature).title)
        findings.note(.days, self.days(since: usage.lastUsedAt))
        return true
    }

    private func wasUsed(_ feature: Int, withinDays days: Int, _ findings: inout Findings) -> Bool {
        guard let usage = usage(of: feature), now.days(since: usage.lastUsedAt) <= Double(days) else { return false }
        findings.note(.feature, self.feature(feature).title)
        return true
    }

    private func isInactive(forDays days: Int, _ findings: inout Findings) -> Bool {
        guard !findings.told.absence, let lastUsedAt, self.days(since: lastUsedAt) >= days else { return false }
        findings.tellsAbsence = true
        findings.note(.days, self.days(since: lastUsedAt))
        return true
    }

    // MARK: Goals, focus, content

    private func hasUnfinishedGoal(_ wanted: RuleCondition.Goal, keywords: [GoalWords], _ findings: inout Findings) -> Bool {
        // Whoever used the goal's tool these days is at work on the goal.
        if !keywords.isEmpty, let action = findings.action, let usage = usage(of: action),
            days(since: usage.lastUsedAt) < Limits.goalToolRecentDays
        {
            return false
        }
        let found = profile.goalProgress.indices.first { index in
            let goal = profile.goalProgress[index]
            // The same goal may stand in both horizons.
            if findings.told.goals.contains(where: { profile.goalProgress[$0].goal.hasSameBytes(as: goal.goal) }) { return false }
            guard goal.status != .completed, goal.progress >= wanted.progressAtLeast ?? 0 else { return false }
            if let horizon = wanted.horizon, goal.horizon != horizon { return false }
            if let days = wanted.stalledForDays, self.days(since: goal.updatedAt) < days { return false }
            if keywords.isEmpty { return true }
            return !goalWords[index].isRefusal && keywords.contains { goalWords[index].contains($0) }
        }
        findings.goal = found
        guard let found = found.map({ profile.goalProgress[$0] }) else { return false }
        findings.note(.goal, found.goal.shortened(toCharacters: Limits.quotedCharactersMax))
        findings.note(.progress, "\(Int(found.progress * 100))%")
        findings.note(.days, days(since: found.updatedAt))
        return true
    }

    private func hasFocus(on areas: [Phrase], _ findings: inout Findings) -> Bool {
        let found = focusPhrases.firstIndex { area in areas.contains { $0.matches(area) } }
        if let found { findings.note(.focus, profile.marketFocus[found].shortened(toCharacters: Limits.quotedCharactersMax)) }
        return found != nil
    }

    private func hasAbandonedContent(_ wanted: RuleCondition.AbandonedContent, _ findings: inout Findings) -> Bool {
        var found: ContentPreference?
        for content in profile.content where found.map({ content.lastUsedAt < $0.lastUsedAt }) ?? true {
            if let contentType = wanted.contentType, !contentType.hasSameBytes(as: content.contentType) { continue }
            if let days = wanted.unusedForDays, self.days(since: content.lastUsedAt) < days { continue }
            if let score = wanted.scoreBelow, content.score >= score { continue }
            if let failures = wanted.failuresAtLeast, content.failures < UInt64(failures) { continue }
            found = content
        }
        guard let found else { return false }
        findings.note(.contentType, title(ofContentType: found.contentType))
        findings.note(.days, days(since: found.lastUsedAt))
        findings.note(.count, String(found.failures))
        return true
    }

    private func hasStrongContent(_ wanted: RuleCondition.StrongContent, _ findings: inout Findings) -> Bool {
        var found: ContentPreference?
        for content in profile.content where content.score > found?.score ?? 0 {
            if let contentType = wanted.contentType, !contentType.hasSameBytes(as: content.contentType) { continue }
            guard content.score >= wanted.scoreAtLeast, content.successes >= UInt64(wanted.successesAtLeast) else { continue }
            found = content
        }
        guard let found else { return false }
        findings.note(.contentType, title(ofContentType: found.contentType))
        findings.note(.count, String(found.successes))
        return true
    }
}

extension String {
    /// The text itself, or its beginning with an ellipsis.
    func shortened(toCharacters count: Int) -> String {
        utf8.count <= count || self.count <= count ? self : prefix(count - 1) + "…"
    }
}
