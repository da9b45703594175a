/// A rule ready to be asked: only the conditions that are given, cheapest first, with names resolved.
///
/// An object, since every dashboard walks over all rules: one reference to count instead of one for each text and list.
final class CompiledRule: Sendable {
    /// One condition that must hold.
    enum Check: Sendable {
        case hasGoals(Bool)
        case hasMarketFocus(Bool)
        case featuresUsedAtMost(Int)
        case featuresUsedAtLeast(Int)
        case profileCompletionBelow(Double)
        case neverUsed(feature: Int)
        case usedAtLeast(feature: Int, count: Int)
        case unusedForDays(feature: Int, days: Int)
        case usedWithinDays(feature: Int, days: Int)
        case inactiveForDays(Int)
        case allGoalsCompleted(Bool)
        case localHour(HourSet)
        case unfinishedGoal(RuleCondition.Goal, keywords: [GoalWords])
        case marketFocus([Phrase])
        case abandonedContent(RuleCondition.AbandonedContent)
        case strongContent(RuleCondition.StrongContent)
        case usualHour(RuleCondition.UsualHour)
        case nextStep(RuleCondition.NextStep)
        case shortcut(RuleCondition.Shortcut)
    }

    let checks: [Check]
    /// Index of the feature; nil where a check finds it.
    let action: Int?
    let priority: Priority
    let title: String?
    let reason: ReasonTemplate
    /// Whether the action is the next of several steps.
    let followsSteps: Bool

    /// - Returns: nil for a rule that `Playbook.validate()` refuses.
    init?(_ rule: PlaybookRule, features: NameIndex) {
        guard let reason = ReasonTemplate(rule.reason) else { return nil }
        self.reason = reason
        action = rule.action.flatMap { features[$0] }
        priority = rule.priority
        title = rule.title
        followsSteps = rule.when.nextStep != nil
        checks = Self.profileChecks(rule.when, features: features) + Self.searches(rule.when)
    }

    /// Checks that look at one value.
    private static func profileChecks(_ when: RuleCondition, features: NameIndex) -> [Check] {
        var checks: [Check?] = [
            when.hasGoals.map { .hasGoals($0) },
            when.hasMarketFocus.map { .hasMarketFocus($0) },
            when.featuresUsedAtMost.map { .featuresUsedAtMost($0) },
            when.featuresUsedAtLeast.map { .featuresUsedAtLeast($0) },
            when.profileCompletionBelow.map { .profileCompletionBelow($0) },
            when.inactiveForDays.map { .inactiveForDays($0) },
            when.allGoalsCompleted.map { .allGoalsCompleted($0) },
            when.localHour.map { .localHour(HourSet(from: $0.from, to: $0.to)) },
        ]
        checks.append(when.neverUsed.flatMap { features[$0] }.map { .neverUsed(feature: $0) })
        checks.append(
            when.usedAtLeast.flatMap { wanted in
                features[wanted.feature].map { .usedAtLeast(feature: $0, count: wanted.count) }
            })
        checks.append(
            when.unusedForDays.flatMap { wanted in
                features[wanted.feature].map { .unusedForDays(feature: $0, days: wanted.days) }
            })
        checks.append(
            when.usedWithinDays.flatMap { wanted in
                features[wanted.feature].map { .usedWithinDays(feature: $0, days: wanted.days) }
            })
        return checks.compactMap(\.self)
    }

    /// Checks that look through a list.
    private static func searches(_ when: RuleCondition) -> [Check] {
        let checks: [Check?] = [
            when.unfinishedGoal.map { .unfinishedGoal($0, keywords: ($0.keywords ?? []).map { GoalWords($0) }) },
            when.marketFocus.map { .marketFocus($0.map { Phrase($0) }) },
            when.abandonedContent.map { .abandonedContent($0) },
            when.strongContent.map { .strongContent($0) },
            when.usualHour.map { .usualHour($0) },
            when.nextStep.map { .nextStep($0) },
            when.shortcut.map { .shortcut($0) },
        ]
        return checks.compactMap(\.self)
    }
}
