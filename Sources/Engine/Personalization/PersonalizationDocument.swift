/// A profile as a document: in operators' answers and in exports.
package struct PersonalizationDocument: Codable, Sendable {
    struct Feature: Codable, Sendable {
        let feature: String
        let count: UInt64
        let firstUsedAt: String
        let lastUsedAt: String
    }

    struct Sequence: Codable, Sendable {
        let sequence: [String]
        let count: UInt64
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
    let createdAt: String?
    let updatedAt: String?

    init(_ profile: PersonalizationProfile) {
        timeZone = profile.timeZone
        featureUsage = profile.features.map {
            Feature(feature: $0.feature, count: $0.count, firstUsedAt: $0.firstUsedAt.rfc3339, lastUsedAt: $0.lastUsedAt.rfc3339)
        }
        sequences = profile.workflow.sequences.map {
            Sequence(sequence: $0.features, count: $0.occurrences, weight: $0.weight, lastSeenAt: $0.lastSeenAt.rfc3339)
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
        createdAt = profile.createdAt?.rfc3339
        updatedAt = profile.updatedAt?.rfc3339
    }
}
