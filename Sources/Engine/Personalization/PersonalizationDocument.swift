/// A profile as a document: in operators' answers and in exports.
package struct PersonalizationDocument: Codable, Sendable {
    struct Feature: Codable, Sendable {
        let feature: String
        let count: UInt64
        let firstUsedAt: String
        let lastUsedAt: String
        /// 24 counters from midnight in the user's zone; nil, as the next, in documents of earlier versions.
        let byHour: [UInt64]?
        /// Four numbers for each hour with uses: the hour, the uses, the days, and the last of these days, counted from 1970 on.
        let hours: [UInt32]?
    }

    struct Sequence: Codable, Sendable {
        let sequence: [String]
        let count: UInt64
        /// As of the profile's last change.
        let weight: Double
        let lastSeenAt: String
    }

    struct Content: Codable, Sendable {
        let contentType: String
        let successes: UInt64
        let failures: UInt64
        let score: Double
        let lastUsedAt: String
    }

    struct Progress: Codable, Sendable {
        let goal: String
        let horizon: String
        let progress: Double
        let status: String
        let updatedAt: String
    }

    struct Goals: Codable, Sendable {
        let shortTerm: [String]
        let longTerm: [String]
    }

    let timeZone: String
    let featureUsage: [Feature]
    let sequences: [Sequence]
    let timeOfDayUsage: [String: UInt64]
    let contentPreferences: [Content]
    let goals: Goals
    let goalProgress: [Progress]
    let marketFocus: [String]
    /// The last features of the present visit, and when it was heard of last; nil in documents of earlier versions.
    let recentFeatures: [String]?
    let lastSeenAt: String?
    let createdAt: String?
    let updatedAt: String?

    init(_ profile: PersonalizationProfile) {
        timeZone = profile.timeZone
        featureUsage = profile.features.map {
            Feature(
                feature: $0.feature, count: $0.count, firstUsedAt: $0.firstUsedAt.rfc3339, lastUsedAt: $0.lastUsedAt.rfc3339,
                byHour: $0.hours.byHour, hours: $0.hours.numbers)
        }
        sequences = profile.workflow.sequences.map {
            let weight = $0.weight(at: profile.updatedAt ?? $0.lastSeenAt)
            return Sequence(sequence: $0.features, count: $0.occurrences, weight: weight, lastSeenAt: $0.lastSeenAt.rfc3339)
        }
        timeOfDayUsage = profile.usesByHour.enumerated().reduce(into: [:]) { hours, use in
            if use.element > 0 { hours[String(use.offset)] = use.element }
        }
        contentPreferences = profile.content.map {
            Content(
                contentType: $0.contentType, successes: $0.successes, failures: $0.failures, score: $0.score,
                lastUsedAt: $0.lastUsedAt.rfc3339)
        }
        goals = Goals(shortTerm: profile.shortTermGoals, longTerm: profile.longTermGoals)
        goalProgress = profile.goalProgress.map {
            Progress(
                goal: $0.goal, horizon: $0.horizon.rawValue, progress: $0.progress, status: $0.status.rawValue,
                updatedAt: $0.updatedAt.rfc3339)
        }
        marketFocus = profile.marketFocus
        recentFeatures = profile.workflow.recent
        lastSeenAt = profile.workflow.lastSeenAt?.rfc3339
        createdAt = profile.createdAt?.rfc3339
        updatedAt = profile.updatedAt?.rfc3339
    }
}

extension PersonalizationProfile {
    /// The profile that a document shows. Times that are none count as 1970.
    init(_ document: PersonalizationDocument) {
        func time(_ text: String) -> Timestamp { Timestamp(rfc3339: text) ?? Timestamp(milliseconds: 0) }
        self.init()
        timeZone = TimeZones.isKnown(document.timeZone) ? document.timeZone : "UTC"
        features = document.featureUsage.prefix(Limits.featuresPerProfileMax).map {
            FeatureUsage(
                feature: $0.feature, count: $0.count, firstUsedAt: time($0.firstUsedAt), lastUsedAt: time($0.lastUsedAt),
                hours: FeatureHours(stored: $0.hours ?? []))
        }
        workflow.sequences = document.sequences.prefix(Limits.sequencesPerProfileMax).map {
            // Weights of earlier versions were told as of the walk's last time; no weight is above the number of walks.
            let seen = time($0.lastSeenAt)
            let days = document.updatedAt.map { time($0).days(since: seen) } ?? 0
            let remainder = HalfLife.remainder(afterDays: days, halfLifeDays: Limits.workflowHalfLifeDays)
            let weight = min($0.weight / max(remainder, .leastNormalMagnitude), Double($0.count))
            return WorkflowSequence(features: $0.sequence, occurrences: $0.count, weight: weight, lastSeenAt: seen)
        }
        workflow.recent = Array((document.recentFeatures ?? []).suffix(Limits.sequenceLengthMax))
        workflow.lastSeenAt = document.lastSeenAt.map(time)
        for (hour, uses) in document.timeOfDayUsage {
            if let hour = Int(hour), usesByHour.indices.contains(hour) { usesByHour[hour] = uses }
        }
        content = document.contentPreferences.prefix(Limits.contentTypesPerProfileMax).map {
            ContentPreference(
                contentType: $0.contentType, successes: $0.successes, failures: $0.failures, lastUsedAt: time($0.lastUsedAt))
        }
        shortTermGoals = Array(document.goals.shortTerm.prefix(Limits.goalsPerHorizonMax))
        longTermGoals = Array(document.goals.longTerm.prefix(Limits.goalsPerHorizonMax))
        goalProgress = document.goalProgress.prefix(Limits.goalsPerHorizonMax * 2).map {
            GoalProgress(
                goal: $0.goal, horizon: GoalProgress.Horizon(rawValue: $0.horizon) ?? .shortTerm, progress: min(max($0.progress, 0), 1),
                updatedAt: time($0.updatedAt))
        }
        marketFocus = Array(document.marketFocus.prefix(Limits.marketFocusAreasMax))
        createdAt = document.createdAt.map(time)
        updatedAt = document.updatedAt.map(time)
    }
}
