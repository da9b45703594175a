/// Conditions about hours and walks; these find the feature that the rule is about.
extension ProfileFacts {
    func isUsualHour(_ wanted: RuleCondition.UsualHour, _ findings: inout Findings) -> Bool {
        let present = profile.usesByHour.indices.filter { hours.contains($0) }
        let uses = present.reduce(0) { $0 + profile.usesByHour[$1] }
        let total = profile.usesByHour.reduce(0, +)
        guard uses > 0, uses >= UInt64(wanted.usesAtLeast), Double(uses) >= wanted.shareAtLeast * Double(total) else { return false }
        guard let busiest = present.max(by: { profile.usesByHour[$0] < profile.usesByHour[$1] }) else { return false }
        guard let action = findings.action ?? mostUsedFeature else { return false }
        findings.action = action
        findings.note(.hour, "\(busiest):00")
        findings.note(.count, String(uses))
        return true
    }

    func hasNextStep(_ wanted: RuleCondition.NextStep, _ findings: inout Findings) -> Bool {
        let found = predictions.first { prediction in
            prediction.isCommon && prediction.confidence >= wanted.confidenceAtLeast
                && (findings.action ?? prediction.feature) == prediction.feature
        }
        guard let found, let latest = recent.last else { return false }
        findings.action = found.feature
        findings.note(.feature, title(ofFeature: latest))
        return true
    }

    func hasShortcut(_ wanted: RuleCondition.Shortcut, _ findings: inout Findings) -> Bool {
        var found: (walk: WorkflowSequence, end: Int)?
        for walk in profile.workflow.sequences where walk.features.count == 3 && walk.occurrences >= UInt64(wanted.walkedAtLeast) {
            guard walk.occurrences > found?.walk.occurrences ?? 0, !walk.features[0].hasSameBytes(as: walk.features[2]),
                let end = playbook.featureIndex[walk.features[2]], (findings.action ?? end) == end, isDetour(walk)
            else { continue }
            found = (walk, end)
        }
        guard let found else { return false }
        findings.action = found.end
        findings.note(.from, title(ofFeature: found.walk.features[0]))
        findings.note(.feature, title(ofFeature: found.walk.features[1]))
        findings.note(.count, String(found.walk.occurrences))
        return true
    }

    /// Whether the first two steps led on to the third in at least half of the cases: the stop is then a way, not an end.
    private func isDetour(_ walk: WorkflowSequence) -> Bool {
        let beginning = profile.workflow.sequences.first { other in
            other.features.count == 2 && other.features[0].hasSameBytes(as: walk.features[0])
                && other.features[1].hasSameBytes(as: walk.features[1])
        }
        return walk.occurrences * 2 >= beginning?.occurrences ?? 0
    }
}
