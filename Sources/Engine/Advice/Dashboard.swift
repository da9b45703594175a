/// A user's personalized dashboard; no section is ever empty.
package struct Dashboard: Sendable, Equatable {
    package enum Source: String, Sendable { case ai, cache, rules }

    package var priorityActions: [PriorityAction]
    package var suggestedContent: [SuggestedContent]
    package var marketInsights: [MarketInsight]
    package var nextBestActions: [NextBestAction]
    package var source: Source
    package var generatedAt: Timestamp
    /// Why the rules wrote it although an AI provider is configured.
    package var fallbackReason: FallbackReason?
    /// False where the user does not allow `personalization`: the dashboard is then a stranger's.
    package var isPersonalized = true

    package init(
        priorityActions: [PriorityAction], suggestedContent: [SuggestedContent], marketInsights: [MarketInsight],
        nextBestActions: [NextBestAction], source: Source, generatedAt: Timestamp, fallbackReason: FallbackReason? = nil
    ) {
        self.priorityActions = priorityActions
        self.suggestedContent = suggestedContent
        self.marketInsights = marketInsights
        self.nextBestActions = nextBestActions
        self.source = source
        self.generatedAt = generatedAt
        self.fallbackReason = fallbackReason
    }
}

package enum Priority: String, Sendable, Codable, Comparable, CaseIterable {
    case high, medium, low

    /// `high` comes first.
    package static func < (lhs: Priority, rhs: Priority) -> Bool { lhs.rank < rhs.rank }

    private var rank: Int {
        switch self {
        case .high: 0
        case .medium: 1
        case .low: 2
        }
    }
}

package struct PriorityAction: Sendable, Equatable {
    package var title: String
    package var description: String
    /// Name of a feature of the playbook.
    package var action: String
    package var priority: Priority
    /// Why this user sees it.
    package var reason: String
    /// Where the feature is; nil until the playbook is asked.
    package var link: String?

    package init(title: String, description: String, action: String, priority: Priority, reason: String) {
        self.title = title
        self.description = description
        self.action = action
        self.priority = priority
        self.reason = reason
    }
}

package struct SuggestedContent: Sendable, Equatable {
    package var contentType: String
    package var title: String
    package var reason: String

    package init(contentType: String, title: String, reason: String) {
        self.contentType = contentType
        self.title = title
        self.reason = reason
    }
}

package struct MarketInsight: Sendable, Equatable {
    package enum Category: String, Sendable, Codable, CaseIterable { case opportunity, trend, tip, warning }

    package var title: String
    package var description: String
    package var category: Category
    /// Why this user sees it.
    package var reason: String

    package init(title: String, description: String, category: Category, reason: String = "") {
        self.title = title
        self.description = description
        self.category = category
        self.reason = reason
    }
}

package struct NextBestAction: Sendable, Equatable {
    /// Name of a feature of the playbook.
    package var action: String
    package var title: String
    package var description: String
    /// 0 to 1.
    package var confidence: Double
    /// The features, in order, that this follows from; empty where it follows from none.
    package var basedOn: [String]
    /// Why this user sees it.
    package var reason: String
    /// Where the feature is; nil until the playbook is asked.
    package var link: String?
    /// False where the user does not allow `personalization`: the action is then a stranger's.
    package var isPersonalized = true

    package init(action: String, title: String, description: String, confidence: Double, basedOn: [String], reason: String) {
        self.reason = reason
        self.action = action
        self.title = title
        self.description = description
        self.confidence = confidence
        self.basedOn = basedOn
    }
}

/// What `POST …/suggestions` says of the user's present moment.
package struct SuggestionContext: Sendable, Equatable {
    package var currentPage: String?
    package var recentActions: [String] = []
    /// "morning", "afternoon", "evening" or "night", or an hour 0 to 23 as text.
    package var timeOfDay: String?
    /// 0 to 100.
    package var profileCompletion: Double?

    package init() {}
}

package struct Suggestion: Sendable, Equatable {
    package var title: String
    package var description: String
    /// Name of a feature of the playbook.
    package var action: String
    package var priority: Priority
    package var source: Dashboard.Source
    /// Why this user sees it.
    package var reason: String
    /// Where the feature is; nil until the playbook is asked.
    package var link: String?
    /// False where the user does not allow `personalization`: the suggestion is then a stranger's.
    package var isPersonalized = true

    package init(title: String, description: String, action: String, priority: Priority, source: Dashboard.Source, reason: String) {
        self.reason = reason
        self.title = title
        self.description = description
        self.action = action
        self.priority = priority
        self.source = source
    }
}
