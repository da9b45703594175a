/// What to do about somebody of a level of engagement, and why.
package struct EngagementStrategy: Sendable, Equatable {
    package let recommendation: String
    package let confidence: Double
    package let reasoning: String

    package init(score: Double, isExplicit: Bool) {
        let level = EngagementLevel(score: score)
        let number = score == score.rounded() ? String(Int(score)) : score.description
        let origin = isExplicit ? "" : ", computed from recent behavior,"
        switch level {
        case .high:
            recommendation = "Maintain engagement with premium content and exclusive offers"
            confidence = 0.90
            reasoning = "A behavioral score of \(number)\(origin) is 70 or higher. This user is highly engaged, so keep the momentum."
        case .medium:
            recommendation = "Re-engage with personalized content based on interests"
            confidence = 0.75
            reasoning = "A behavioral score of \(number)\(origin) is between 40 and 70. Relevant content can raise this user’s interest."
        case .low:
            recommendation = "Win-back campaign with special incentives"
            confidence = 0.60
            reasoning = "A behavioral score of \(number)\(origin) is below 40. This user is barely engaged and needs a reason to come back."
        }
    }
}
