import Engine

extension Versioned<PersonalizationProfile> {
    /// The profile as answers show it.
    ///
    /// Weights of sequences are told as of the last change, not as of now: one version has one text, as a strong ETag promises.
    func write(to writer: inout JSONWriter, user: AuthorizedUser) {
        let profile = value
        writer.object { json in
            json.member("userId", user.id.text)
            json.member("timeZone", profile.timeZone)
            json.member("featureUsage", of: profile.features) { $1.write(to: &$0) }
            json.key("workflowPatterns")
            profile.writeWorkflow(to: &json)
            json.member("contentPreferences", of: profile.content) { $1.write(to: &$0) }
            json.key("goals")
            json.object {
                $0.member("shortTerm", profile.shortTermGoals)
                $0.member("longTerm", profile.longTermGoals)
            }
            json.member("goalProgress", of: profile.goalProgress) { $1.write(to: &$0) }
            json.member("marketFocus", profile.marketFocus)
            json.member("createdAt", profile.createdAt)
            json.member("updatedAt", profile.updatedAt)
        }
    }
}

extension PersonalizationProfile {
    /// A guess that spares the buffer from growing step by step.
    var jsonCapacityBytes: Int {
        512 + features.count * 192 + content.count * 128 + workflow.sequences.count * 160 + goalProgress.count * 192
    }

    /// The answer of `PUT` and `PATCH …/goals`.
    func writeGoals(to writer: inout JSONWriter) {
        writer.object { json in
            json.member("shortTerm", shortTermGoals)
            json.member("longTerm", longTermGoals)
            json.member("goalProgress", of: goalProgress) { $1.write(to: &$0) }
        }
    }

    fileprivate func writeWorkflow(to writer: inout JSONWriter) {
        writer.object { json in
            // A profile that was never changed has no sequences.
            let asOf = updatedAt ?? Timestamp(milliseconds: 0)
            json.member("commonSequences", of: workflow.commonSequences(at: asOf)) { json, common in
                json.object {
                    $0.member("sequence", common.features)
                    $0.member("count", common.occurrences)
                    $0.member("weight", common.weight(at: asOf))
                    $0.member("lastSeenAt", common.lastSeenAt)
                }
            }
            json.key("timeOfDayUsage")
            json.object { json in
                for (hour, uses) in zip(Self.hourNames, usesByHour) where uses > 0 { json.member(hour, uses) }
            }
        }
    }

    private static let hourNames: [StaticString] = [
        "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11",
        "12", "13", "14", "15", "16", "17", "18", "19", "20", "21", "22", "23",
    ]
}

extension FeatureUsage {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("feature", feature)
            $0.member("count", count)
            $0.member("firstUsedAt", firstUsedAt)
            $0.member("lastUsedAt", lastUsedAt)
            $0.member("byHour", of: hours.byHour) { $0.value($1) }
        }
    }
}

extension ContentPreference {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("contentType", contentType)
            $0.member("successes", successes)
            $0.member("failures", failures)
            $0.member("score", score)
            $0.member("lastUsedAt", lastUsedAt)
        }
    }
}

extension GoalProgress {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("goal", goal)
            $0.member("horizon", horizon.rawValue)
            $0.member("progress", progress)
            $0.member("status", status.rawValue)
            $0.member("updatedAt", updatedAt)
        }
    }
}
