extension PlaybookCheck {
    mutating func rules(_ rules: [PlaybookRule], of playbook: Playbook) {
        guard count(rules.count, 0...Limits.playbookRulesMax, "/rules") else { return }
        distinctNames(rules.map(\.id), "/rules", member: "id")
        // Every dashboard looks for each of them in the user's goals and focus.
        let phrases = rules.reduce(0) { $0 + ($1.when.marketFocus?.count ?? 0) + ($1.when.unfinishedGoal?.keywords?.count ?? 0) }
        if phrases > Limits.playbookPhrasesMax { refuse("/rules", "must hold at most \(Limits.playbookPhrasesMax) phrases together") }
        let features = NameIndex(playbook.features.map(\.name))
        let contentTypes = NameIndex(playbook.contentTypes.map(\.name))
        for (index, rule) in rules.enumerated() {
            let pointer = "/rules/\(index)"
            action(of: rule, features, pointer)
            if let title = rule.title { text(title, pointer + "/title") }
            reason(of: rule, pointer + "/reason")
            if rule.when == RuleCondition() { refuse(pointer + "/when", "must hold at least one condition") }
            featureConditions(rule.when, features, pointer + "/when")
            goalAndFocusConditions(rule.when, pointer + "/when")
            contentConditions(rule.when, contentTypes, pointer + "/when")
            timeAndWorkflowConditions(rule.when, pointer + "/when")
        }
    }

    private mutating func action(of rule: PlaybookRule, _ features: NameIndex, _ pointer: String) {
        if let action = rule.action {
            known(action, features, pointer + "/action", "names no feature of the playbook")
        } else if !rule.when.findsFeature {
            refuse(pointer + "/action", "may be left out only with nextStep, shortcut or usualHour")
        }
    }

    private mutating func reason(of rule: PlaybookRule, _ pointer: String) {
        text(rule.reason, pointer)
        guard let template = ReasonTemplate(rule.reason) else {
            refuse(pointer, "holds a placeholder that there is not")
            return
        }
        if !template.placeholders.isSubset(of: rule.when.placeholders) {
            refuse(pointer, "holds a placeholder that its conditions do not fill")
        }
    }

    private mutating func featureConditions(_ when: RuleCondition, _ features: NameIndex, _ pointer: String) {
        let detail = "names no feature of the playbook"
        if let name = when.neverUsed { known(name, features, pointer + "/neverUsed", detail) }
        if let wanted = when.usedAtLeast {
            known(wanted.feature, features, pointer + "/usedAtLeast/feature", detail)
            number(wanted.count, 1...Self.countMax, pointer + "/usedAtLeast/count")
        }
        if let wanted = when.unusedForDays {
            known(wanted.feature, features, pointer + "/unusedForDays/feature", detail)
            number(wanted.days, 1...Self.daysMax, pointer + "/unusedForDays/days")
        }
        if let wanted = when.usedWithinDays {
            known(wanted.feature, features, pointer + "/usedWithinDays/feature", detail)
            number(wanted.days, 1...Self.daysMax, pointer + "/usedWithinDays/days")
        }
        if let days = when.inactiveForDays { number(days, 1...Self.daysMax, pointer + "/inactiveForDays") }
        if let count = when.featuresUsedAtMost { number(count, 0...Self.countMax, pointer + "/featuresUsedAtMost") }
        if let count = when.featuresUsedAtLeast { number(count, 1...Self.countMax, pointer + "/featuresUsedAtLeast") }
    }

    private mutating func goalAndFocusConditions(_ when: RuleCondition, _ pointer: String) {
        if let percent = when.profileCompletionBelow, !(percent > 0 && percent <= 100) {
            refuse(pointer + "/profileCompletionBelow", "must be above 0 and at most 100")
        }
        if let areas = when.marketFocus { phrases(areas, pointer + "/marketFocus") }
        guard let goal = when.unfinishedGoal else { return }
        if let keywords = goal.keywords { phrases(keywords, pointer + "/unfinishedGoal/keywords") }
        if let days = goal.stalledForDays { number(days, 1...Self.daysMax, pointer + "/unfinishedGoal/stalledForDays") }
        if let progress = goal.progressAtLeast { share(progress, pointer + "/unfinishedGoal/progressAtLeast") }
    }

    private mutating func contentConditions(_ when: RuleCondition, _ contentTypes: NameIndex, _ pointer: String) {
        let detail = "names no content type of the playbook"
        if let wanted = when.abandonedContent {
            let pointer = pointer + "/abandonedContent"
            if let name = wanted.contentType { known(name, contentTypes, pointer + "/contentType", detail) }
            if let days = wanted.unusedForDays { number(days, 1...Self.daysMax, pointer + "/unusedForDays") }
            if let score = wanted.scoreBelow { share(score, pointer + "/scoreBelow") }
            if let failures = wanted.failuresAtLeast { number(failures, 1...Self.countMax, pointer + "/failuresAtLeast") }
            if wanted.unusedForDays == nil, wanted.scoreBelow == nil, wanted.failuresAtLeast == nil {
                refuse(pointer, "must say what abandoned means: unusedForDays, scoreBelow or failuresAtLeast")
            }
        }
        if let wanted = when.strongContent {
            let pointer = pointer + "/strongContent"
            if let name = wanted.contentType { known(name, contentTypes, pointer + "/contentType", detail) }
            share(wanted.scoreAtLeast, pointer + "/scoreAtLeast")
            number(wanted.successesAtLeast, 1...Self.countMax, pointer + "/successesAtLeast")
        }
    }

    private mutating func timeAndWorkflowConditions(_ when: RuleCondition, _ pointer: String) {
        if let hours = when.localHour {
            number(hours.from, 0...23, pointer + "/localHour/from")
            number(hours.to, 0...23, pointer + "/localHour/to")
        }
        if let wanted = when.usualHour {
            number(wanted.usesAtLeast, 1...Self.countMax, pointer + "/usualHour/usesAtLeast")
            share(wanted.shareAtLeast, pointer + "/usualHour/shareAtLeast")
        }
        if let wanted = when.nextStep { share(wanted.confidenceAtLeast, pointer + "/nextStep/confidenceAtLeast") }
        if let wanted = when.shortcut { number(wanted.walkedAtLeast, 2...Self.countMax, pointer + "/shortcut/walkedAtLeast") }
    }

    private mutating func known(_ name: String, _ names: NameIndex, _ pointer: String, _ detail: String) {
        if names[name] == nil { refuse(pointer, detail) }
    }

    /// Words to look for; at least one.
    private mutating func phrases(_ phrases: [String], _ pointer: String) {
        guard count(phrases.count, 1...Limits.marketFocusAreasMax, pointer) else { return }
        names(phrases, charactersMax: Limits.playbookPhraseCharactersMax, pointer)
    }

    private mutating func number(_ value: Int, _ range: ClosedRange<Int>, _ pointer: String) {
        if !range.contains(value) { refuse(pointer, "must be from \(range.lowerBound) to \(range.upperBound)") }
    }

    private mutating func share(_ value: Double, _ pointer: String) {
        if !(value >= 0 && value <= 1) { refuse(pointer, "must be from 0 to 1") }
    }

    private static var countMax: Int { 1_000_000 }
    private static var daysMax: Int { 3650 }
}

extension RuleCondition {
    /// What the conditions that are given put into a reason.
    var placeholders: Set<ReasonTemplate.Placeholder> {
        var filled: Set<ReasonTemplate.Placeholder> = [.action]
        if featuresUsedAtMost != nil || featuresUsedAtLeast != nil || profileCompletionBelow != nil { filled.insert(.count) }
        if usedAtLeast != nil { filled.formUnion([.feature, .count]) }
        if unusedForDays != nil { filled.formUnion([.feature, .days]) }
        if usedWithinDays != nil { filled.insert(.feature) }
        if inactiveForDays != nil { filled.insert(.days) }
        if unfinishedGoal != nil { filled.formUnion([.goal, .progress, .days]) }
        if marketFocus != nil { filled.insert(.focus) }
        if abandonedContent != nil { filled.formUnion([.contentType, .days, .count]) }
        if strongContent != nil { filled.formUnion([.contentType, .count]) }
        if usualHour != nil { filled.formUnion([.hour, .count, .days]) }
        if nextStep != nil { filled.insert(.feature) }
        if shortcut != nil { filled.formUnion([.from, .feature, .count]) }
        return filled
    }
}
