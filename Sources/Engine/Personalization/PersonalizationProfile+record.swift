import SwiftProtobuf

/// The stored form of a profile.
extension PersonalizationProfile {
    init(_ record: PersonalizationRecord) {
        timeZone = record.timeZone.isEmpty ? "UTC" : record.timeZone
        features = record.features.map(FeatureUsage.init)
        workflow.sequences = record.sequences.map(WorkflowSequence.init)
        workflow.recent = record.recentFeatures
        workflow.lastSeenAt = record.hasLastSeenAt ? Timestamp(milliseconds: record.lastSeenAt) : nil
        if record.usesByHour.count == 24 { usesByHour = record.usesByHour }
        content = record.content.map(ContentPreference.init)
        shortTermGoals = record.shortTermGoals
        longTermGoals = record.longTermGoals
        goalProgress = record.goalProgress.map(GoalProgress.init)
        marketFocus = record.marketFocus
        createdAt = record.hasCreatedAt ? Timestamp(milliseconds: record.createdAt) : nil
        updatedAt = record.hasUpdatedAt ? Timestamp(milliseconds: record.updatedAt) : nil
        seenItems = record.hasSeenItems ? SeenMessages(record.seenItems) : nil
    }

    var record: PersonalizationRecord {
        PersonalizationRecord.with { record in
            record.timeZone = timeZone
            record.features = features.map(\.record)
            record.sequences = workflow.sequences.map(\.record)
            record.recentFeatures = workflow.recent
            if let lastSeenAt = workflow.lastSeenAt { record.lastSeenAt = lastSeenAt.milliseconds }
            record.usesByHour = usesByHour
            record.content = content.map(\.record)
            record.shortTermGoals = shortTermGoals
            record.longTermGoals = longTermGoals
            record.goalProgress = goalProgress.map(\.record)
            record.marketFocus = marketFocus
            if let createdAt { record.createdAt = createdAt.milliseconds }
            if let updatedAt { record.updatedAt = updatedAt.milliseconds }
            if let seenItems { record.seenItems = seenItems.record }
        }
    }
}

extension FeatureUsage {
    fileprivate init(_ record: FeatureUsageRecord) {
        self.init(
            feature: record.feature, count: record.count, firstUsedAt: Timestamp(milliseconds: record.firstUsedAt),
            lastUsedAt: Timestamp(milliseconds: record.lastUsedAt), hours: FeatureHours(stored: record.hours))
    }

    fileprivate var record: FeatureUsageRecord {
        .with {
            $0.feature = feature
            $0.count = count
            $0.firstUsedAt = firstUsedAt.milliseconds
            $0.lastUsedAt = lastUsedAt.milliseconds
            $0.hours = hours.numbers
        }
    }
}

extension WorkflowSequence {
    fileprivate init(_ record: WorkflowSequenceRecord) {
        self.init(
            features: record.features, occurrences: record.occurrences, weight: record.weight,
            lastSeenAt: Timestamp(milliseconds: record.lastSeenAt))
    }

    fileprivate var record: WorkflowSequenceRecord {
        .with {
            $0.features = features
            $0.occurrences = occurrences
            $0.weight = weight
            $0.lastSeenAt = lastSeenAt.milliseconds
        }
    }
}

extension ContentPreference {
    fileprivate init(_ record: ContentPreferenceRecord) {
        self.init(
            contentType: record.contentType, successes: record.successes, failures: record.failures,
            lastUsedAt: Timestamp(milliseconds: record.lastUsedAt))
    }

    fileprivate var record: ContentPreferenceRecord {
        .with {
            $0.contentType = contentType
            $0.successes = successes
            $0.failures = failures
            $0.lastUsedAt = lastUsedAt.milliseconds
        }
    }
}

extension GoalProgress {
    fileprivate init(_ record: GoalProgressRecord) {
        self.init(
            goal: record.goal, horizon: record.horizon == .longTerm ? .longTerm : .shortTerm, progress: record.progress,
            updatedAt: Timestamp(milliseconds: record.updatedAt))
    }

    fileprivate var record: GoalProgressRecord {
        .with {
            $0.goal = goal
            $0.horizon = horizon == .longTerm ? .longTerm : .shortTerm
            $0.progress = progress
            $0.updatedAt = updatedAt.milliseconds
        }
    }
}
