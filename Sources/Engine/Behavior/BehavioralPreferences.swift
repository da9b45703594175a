import Glibc

/// What a user prefers, as the events of the last days tell.
package struct BehavioralPreferences: Sendable {
    package struct CategoryWeight: Sendable, Equatable {
        package let name: String
        package internal(set) var weight: Double
    }

    /// The heaviest first.
    package let categories: [CategoryWeight]
    /// Whether the user has ever done anything, if before the window.
    let isOfBehavior: Bool
    package let features: BehaviorFeatures
    /// Over the window of the features.
    package let attention: PageAttention
    /// 0 to 100.
    package let score: Double

    package var level: EngagementLevel { EngagementLevel(score: score) }

    init(_ days: [DayBucket], now: Timestamp) {
        isOfBehavior = !days.isEmpty
        features = BehaviorFeatures(days, now: now)
        score = BehavioralScore.automatic(features)
        attention = days.filter { BehaviorFeatures.covers($0.day, now: now) }.reduce(into: PageAttention()) { $0.add($1.attention) }
        var weights: [CategoryWeight] = []
        for day in days.sorted(by: { $0.day < $1.day }) {
            let age = Double(max(0, now.utcDay - day.day))
            let decay = HalfLife.remainder(afterDays: age, halfLifeDays: Limits.ratingHalfLifeDays)
            for entry in day.categories.entries {
                let weight = Double(entry.doubledWeight) / 2 * decay
                if let place = weights.firstIndex(where: { $0.name.hasSameBytes(as: entry.name) }) {
                    weights[place].weight += weight
                } else {
                    weights.append(CategoryWeight(name: entry.name, weight: weight))
                }
            }
        }
        categories = weights.sorted { one, other in
            one.weight != other.weight ? one.weight > other.weight : one.name.utf8.lexicographicallyPrecedes(other.name.utf8)
        }
    }
}

/// How engaged somebody is, by a score from 0 to 100.
package enum EngagementLevel: String, Sendable, CaseIterable {
    case high, medium, low

    package init(score: Double) {
        self = score >= 70 ? .high : score >= 40 ? .medium : .low
    }
}

/// The score that behaviour gives where nobody has given one.
package enum BehavioralScore {
    /// 70 parts of how much was done, weighted, and 30 of how lately: 100 · (0.7 · engagement + 0.3 · recency), to one decimal. What is
    /// beyond it is cut off, not rounded: nobody reaches a level by rounding.
    package static func automatic(_ features: BehaviorFeatures) -> Double {
        let tenths = (0.7 * features.engagementScore + 0.3 * features.recencyScore) * 1000
        // Products of binary fractions miss whole tenths by a few units in the last place.
        return (tenths + 1e-9).rounded(.down) / 10
    }

    /// What makes it, from 0 to 1 each, and with which weight.
    static func factors(_ features: BehaviorFeatures) -> [(name: String, value: Double, weight: Double)] {
        [("engagementScore", features.engagementScore, 70), ("recencyScore", features.recencyScore, 30)]
    }
}
