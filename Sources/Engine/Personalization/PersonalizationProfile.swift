/// What Attune keeps of how one user works: the item `USER#<id>` / `PERSONALIZATION`.
///
/// A value: rules read it, `recording…` methods make the next one, the store keeps it.
package struct PersonalizationProfile: Sendable, Equatable {
    /// IANA name; "UTC" until the user's is set.
    package var timeZone = "UTC"
    package var features: [FeatureUsage] = []
    package var workflow = WorkflowPatterns()
    /// Uses by local hour of the day, 24 counters from midnight.
    package var usesByHour: [UInt64] = Array(repeating: 0, count: 24)
    package var content: [ContentPreference] = []
    package var shortTermGoals: [String] = []
    package var longTermGoals: [String] = []
    package var goalProgress: [GoalProgress] = []
    package var marketFocus: [String] = []
    /// nil for a user never seen before.
    package var createdAt: Timestamp?
    package var updatedAt: Timestamp?
    /// Ids of batch items that were taken; nil: none had one.
    var seenItems: SeenMessages?

    package init() {}
}

/// How often one feature was used.
package struct FeatureUsage: Sendable, Equatable {
    package var feature: String
    package var count: UInt64
    package var firstUsedAt: Timestamp
    package var lastUsedAt: Timestamp
    /// Empty for what was counted before hours were kept for each feature.
    package var hours = FeatureHours()

    package init(feature: String, count: UInt64, firstUsedAt: Timestamp, lastUsedAt: Timestamp, hours: FeatureHours = FeatureHours()) {
        self.feature = feature
        self.count = count
        self.firstUsedAt = firstUsedAt
        self.lastUsedAt = lastUsedAt
        self.hours = hours
    }
}

/// How one type of content fared with the user.
package struct ContentPreference: Sendable, Equatable {
    package var contentType: String
    package var successes: UInt64
    package var failures: UInt64
    package var lastUsedAt: Timestamp

    package init(contentType: String, successes: UInt64, failures: UInt64, lastUsedAt: Timestamp) {
        self.contentType = contentType
        self.successes = successes
        self.failures = failures
        self.lastUsedAt = lastUsedAt
    }

    /// Posterior mean of the success rate under a uniform Beta(1, 1) prior (Laplace's rule of succession), 0 to 1.
    package var score: Double {
        Double(successes + 1) / Double(successes + failures + 2)
    }
}

/// How far a goal has come.
package struct GoalProgress: Sendable, Equatable {
    package enum Horizon: String, Sendable, Codable { case shortTerm, longTerm }
    package enum Status: String, Sendable {
        case notStarted = "not_started"
        case inProgress = "in_progress"
        case completed
    }

    package var goal: String
    package var horizon: Horizon
    /// 0 to 1.
    package var progress: Double
    package var updatedAt: Timestamp

    package init(goal: String, horizon: Horizon, progress: Double, updatedAt: Timestamp) {
        self.goal = goal
        self.horizon = horizon
        self.progress = progress
        self.updatedAt = updatedAt
    }

    package var status: Status {
        progress <= 0 ? .notStarted : progress >= 1 ? .completed : .inProgress
    }
}
