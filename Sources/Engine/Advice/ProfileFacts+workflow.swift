/// Conditions about hours and walks; these find the feature that the rule is about.
extension ProfileFacts {
    /// Finds the feature that is used most at one of these hours, if on enough different days: one long sitting is no habit.
    func isUsualHour(_ wanted: RuleCondition.UsualHour, _ findings: inout Findings) -> Bool {
        var found: (feature: Int, hour: Int, uses: Int)?
        for feature in usage.indices {
            guard (findings.action ?? feature) == feature, let used = usage[feature].map({ profile.features[$0].hours }) else { continue }
            for hour in 0..<24 where hours.contains(hour) {
                let uses = used.uses(at: hour)
                guard uses > found?.uses ?? 0, uses >= wanted.usesAtLeast, used.days(at: hour) >= Limits.usualHourDaysMin,
                    Double(uses) >= wanted.shareAtLeast * Double(used.uses)
                else { continue }
                found = (feature, hour, uses)
            }
        }
        guard let found else { return false }
        findings.action = found.feature
        findings.note(.hour, Self.clock(found.hour))
        findings.note(.count, String(found.uses))
        findings.note(.days, usage[found.feature].map { profile.features[$0].hours.days(at: found.hour) } ?? 0)
        return true
    }

    /// An hour as Americans say it.
    static func clock(_ hour: Int) -> String {
        switch hour {
        case 0: "midnight"
        case 12: "noon"
        case 1..<12: "\(hour) a.m."
        default: "\(hour - 12) p.m."
        }
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
