import FoundationEssentials
import SwiftProtobuf

/// The stored form of what AI has written.
extension AdviceRecord {
    var sections: AdvisedSections {
        get {
            AdvisedSections(
                priorityActions: priorityActions.map(PriorityAction.init), suggestedContent: suggestedContent.map(SuggestedContent.init),
                marketInsights: marketInsights.map(MarketInsight.init), nextBestActions: nextBestActions.map(NextBestAction.init))
        }
        set {
            priorityActions = newValue.priorityActions.map { action in
                .with {
                    ($0.title, $0.description_p, $0.action, $0.reason) = (action.title, action.description, action.action, action.reason)
                    $0.priority = .init(action.priority)
                }
            }
            suggestedContent = newValue.suggestedContent.map { content in
                .with { ($0.contentType, $0.title, $0.reason) = (content.contentType, content.title, content.reason) }
            }
            marketInsights = newValue.marketInsights.map { insight in
                .with {
                    ($0.title, $0.description_p) = (insight.title, insight.description)
                    $0.category = .init(insight.category)
                }
            }
            nextBestActions = newValue.nextBestActions.map { action in
                .with {
                    ($0.title, $0.description_p, $0.action) = (action.title, action.description, action.action)
                    ($0.confidence, $0.basedOn, $0.reason) = (action.confidence, action.basedOn, action.reason)
                }
            }
        }
    }

    fileprivate mutating func forgetSections() {
        clearOrigin()
        (priorityActions, suggestedContent, marketInsights, nextBestActions) = ([], [], [], [])
    }
}

extension SuggestionsAnswerRecord {
    var made: [Suggestion] {
        get {
            suggestions.map {
                Suggestion(
                    title: $0.title, description: $0.description_p, action: $0.action, priority: Priority($0.priority), source: .cache,
                    reason: "")
            }
        }
        set {
            suggestions = newValue.map { suggestion in
                .with {
                    ($0.title, $0.description_p, $0.action) = (suggestion.title, suggestion.description, suggestion.action)
                    $0.priority = .init(suggestion.priority)
                }
            }
        }
    }
}

extension TableDraft {
    /// Takes back what AI has written for a user who does not allow it any more; what was sent stays on record.
    mutating func forgetAdvice(of user: UserID, now: Timestamp) throws(EngineError) {
        let expiry = now.adding(seconds: Limits.aiAdviceSeconds)
        if var advice = try get(.advice(user), as: AdviceRecord.self) {
            advice.forgetSections()
            try put(.advice(user), advice, expiresAt: expiry)
        }
        if var suggestions = try get(.suggestedAdvice(user), as: SuggestionsRecord.self) {
            suggestions.answers = []
            try put(.suggestedAdvice(user), suggestions, expiresAt: expiry)
        }
    }
}

extension PriorityAction {
    fileprivate init(_ record: AdvisedActionRecord) {
        self.init(
            title: record.title, description: record.description_p, action: record.action, priority: Priority(record.priority),
            reason: record.reason)
    }
}

extension NextBestAction {
    fileprivate init(_ record: AdvisedActionRecord) {
        self.init(
            action: record.action, title: record.title, description: record.description_p, confidence: record.confidence,
            basedOn: record.basedOn, reason: record.reason)
    }
}

extension SuggestedContent {
    fileprivate init(_ record: AdvisedContentRecord) {
        self.init(contentType: record.contentType, title: record.title, reason: record.reason)
    }
}

extension MarketInsight {
    fileprivate init(_ record: AdvisedInsightRecord) {
        self.init(title: record.title, description: record.description_p, category: Category(record.category))
    }
}

extension Priority {
    fileprivate init(_ record: AdvisedActionRecord.Priority) {
        switch record {
        case .high: self = .high
        case .medium: self = .medium
        case .low, .UNRECOGNIZED: self = .low
        }
    }
}

extension AdvisedActionRecord.Priority {
    fileprivate init(_ priority: Priority) {
        switch priority {
        case .high: self = .high
        case .medium: self = .medium
        case .low: self = .low
        }
    }
}

extension MarketInsight.Category {
    fileprivate init(_ record: AdvisedInsightRecord.Category) {
        switch record {
        case .opportunity: self = .opportunity
        case .trend: self = .trend
        case .warning: self = .warning
        case .tip, .UNRECOGNIZED: self = .tip
        }
    }
}

extension AdvisedInsightRecord.Category {
    fileprivate init(_ category: MarketInsight.Category) {
        switch category {
        case .opportunity: self = .opportunity
        case .trend: self = .trend
        case .tip: self = .tip
        case .warning: self = .warning
        }
    }
}
