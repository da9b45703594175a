/// What to do about somebody of a level of engagement, and why.
package struct EngagementStrategy: Sendable, Equatable {
    package let recommendation: String
    package let confidence: Double
    package let reasoning: String

    package init(score: Double, isExplicit: Bool) {
        let level = EngagementLevel(score: score)
        let number = score == score.rounded() ? String(Int(score)) : score.description
        let origin = isExplicit ? "" : ", which follows from recent behaviour,"
        switch level {
        case .high:
            recommendation = "Maintain engagement with premium content and exclusive offers"
            confidence = 0.90
            reasoning = "A behavioral score of \(number)\(origin) is at least 70: the user is highly engaged and worth keeping so."
        case .medium:
            recommendation = "Re-engage with personalized content based on interests"
            confidence = 0.75
            reasoning = "A behavioral score of \(number)\(origin) is from 40 to 70: there is interest that fitting content can raise."
        case .low:
            recommendation = "Win-back campaign with special incentives"
            confidence = 0.60
            reasoning = "A behavioral score of \(number)\(origin) is below 40: the user is hardly engaged and has to be won back."
        }
    }
}
