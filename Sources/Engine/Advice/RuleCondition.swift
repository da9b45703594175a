/// When a rule holds: all conditions that are given must.
///
/// A closed vocabulary; a member that is none of these is refused, since a misspelt condition would otherwise always hold.
package struct RuleCondition: Codable, Sendable, Equatable {
    // Onboarding
    /// Whether the user has set goals.
    package var hasGoals: Bool?
    /// Whether the user has named a market focus.
    package var hasMarketFocus: Bool?
    /// At most so many different features were ever used. `{count}`
    package var featuresUsedAtMost: Int?
    /// At least so many different features were used. `{count}`
    package var featuresUsedAtLeast: Int?
    /// The profile is less complete than this percentage; holds in suggestions only, which are told it. `{count}`
    package var profileCompletionBelow: Double?

    // Features
    /// This feature was never used.
    package var neverUsed: String?
    /// This feature was used so often. `{feature}`, `{count}`
    package var usedAtLeast: FeatureCount?
    /// This feature was used, but not for so many days. `{feature}`, `{days}`
    package var unusedForDays: FeatureDays?
    /// This feature was used within so many days. `{feature}`
    package var usedWithinDays: FeatureDays?
    /// Nothing at all was used for so many days, by a user who once did. `{days}`
    package var inactiveForDays: Int?

    // Goals, focus, content
    /// The user has an unfinished goal like this. `{goal}`, `{progress}`, `{days}`
    package var unfinishedGoal: Goal?
    /// Whether every goal is completed (and there is one).
    package var allGoalsCompleted: Bool?
    /// An area of the user's focus matches one of these. `{focus}`
    package var marketFocus: [String]?
    /// The user made content of a type and gave it up. `{contentType}`, `{days}`, `{count}`
    package var abandonedContent: AbandonedContent?
    /// The user made content of a type that does well. `{contentType}`, `{count}`
    package var strongContent: StrongContent?

    // Time of day
    /// It is one of these local hours of the user's.
    package var localHour: HourRange?
    /// It is an hour at which the user often uses a feature. Finds the feature. `{hour}`, `{count}` (uses), `{days}` (different days)
    package var usualHour: UsualHour?

    // Workflow
    /// The action is the next step of a known workflow. Finds the feature. `{feature}` is the step just taken, `{action}` the next.
    package var nextStep: NextStep?
    /// The action is the end of a detour. Finds the feature. `{from}`, `{feature}` (the stop on the way), `{action}`, `{count}`
    package var shortcut: Shortcut?

    package init() {}

    enum CodingKeys: String, CodingKey, CaseIterable {
        case hasGoals, hasMarketFocus, featuresUsedAtMost, featuresUsedAtLeast, profileCompletionBelow
        case neverUsed, usedAtLeast, unusedForDays, usedWithinDays, inactiveForDays
        case unfinishedGoal, allGoalsCompleted, marketFocus, abandonedContent, strongContent
        case localHour, usualHour, nextStep, shortcut
    }

    /// Whether one of the conditions says itself which feature it is about, so that a rule needs no `action`.
    package var findsFeature: Bool { nextStep != nil || shortcut != nil || usualHour != nil }

    package struct FeatureCount: Codable, Sendable, Equatable {
        package var feature: String
        package var count: Int

        package init(feature: String, count: Int) {
            self.feature = feature
            self.count = count
        }
    }

    package struct FeatureDays: Codable, Sendable, Equatable {
        package var feature: String
        package var days: Int

        package init(feature: String, days: Int) {
            self.feature = feature
            self.days = days
        }
    }

    /// A goal that is not completed and meets all that is given.
    package struct Goal: Codable, Sendable, Equatable {
        /// The goal's text holds one of these, or a form of it, as whole words (`GoalWords`); left out: any goal.
        package var keywords: [String]?
        package var horizon: GoalProgress.Horizon?
        /// Nothing was heard of it for so many days.
        package var stalledForDays: Int?
        /// Its progress, 0 to 1, is at least this.
        package var progressAtLeast: Double?

        package init() {}

        enum CodingKeys: String, CodingKey {
            case keywords, horizon, stalledForDays, progressAtLeast
        }
    }

    /// A type of content that the user has made before and that meets all that is given; the longest untouched one is taken.
    package struct AbandonedContent: Codable, Sendable, Equatable {
        /// Name of a content type; left out: any.
        package var contentType: String?
        package var unusedForDays: Int?
        /// Its score, 0 to 1, is below this.
        package var scoreBelow: Double?
        package var failuresAtLeast: Int?

        package init() {}

        enum CodingKeys: String, CodingKey {
            case contentType, unusedForDays, scoreBelow, failuresAtLeast
        }
    }

    /// A type of content whose score and successes reach these; the best one is taken.
    package struct StrongContent: Codable, Sendable, Equatable {
        package var contentType: String?
        package var scoreAtLeast: Double
        package var successesAtLeast: Int

        package init(contentType: String? = nil, scoreAtLeast: Double, successesAtLeast: Int) {
            self.contentType = contentType
            self.scoreAtLeast = scoreAtLeast
            self.successesAtLeast = successesAtLeast
        }

        enum CodingKeys: String, CodingKey {
            case contentType, scoreAtLeast, successesAtLeast
        }
    }

    /// Local hours, both included; `from` 22 `to` 5 goes over midnight.
    package struct HourRange: Codable, Sendable, Equatable {
        package var from: Int
        package var to: Int

        package init(from: Int, to: Int) {
            self.from = from
            self.to = to
        }
    }

    /// The hour has at least so many of the feature's uses, at least this share (0 to 1) of them, and some on three different days.
    package struct UsualHour: Codable, Sendable, Equatable {
        package var usesAtLeast: Int
        package var shareAtLeast: Double

        package init(usesAtLeast: Int, shareAtLeast: Double) {
            self.usesAtLeast = usesAtLeast
            self.shareAtLeast = shareAtLeast
        }
    }

    /// The prediction rests on a walk seen at least twice and has at least this confidence, 0 to 1.
    package struct NextStep: Codable, Sendable, Equatable {
        package var confidenceAtLeast: Double

        package init(confidenceAtLeast: Double) {
            self.confidenceAtLeast = confidenceAtLeast
        }
    }

    /// A walk of three features was taken so often, and the stop in the middle led on to its end in at least half of the cases.
    package struct Shortcut: Codable, Sendable, Equatable {
        package var walkedAtLeast: Int

        package init(walkedAtLeast: Int) {
            self.walkedAtLeast = walkedAtLeast
        }
    }
}
