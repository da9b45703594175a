/// Why a dashboard was written by rules although an AI provider is configured (contract, "Personalization").
package enum FallbackReason: String, Sendable, CaseIterable {
    /// The user does not allow the purpose `ai`.
    case consent
    case timeout
    case providerError = "provider_error"
    case rateLimited = "rate_limited"
    case invalidAnswer = "invalid_answer"
    case breakerOpen = "breaker_open"
    /// The tenant's tokens of the day, or the user's share of its calls, are spent.
    case budget
    /// As many calls are in flight as may be, or the profile is being reset.
    case busy

    init(_ reason: AIFailure.Reason) {
        switch reason {
        case .refused, .forbidden, .unavailable: self = .providerError
        case .throttled: self = .rateLimited
        case .timedOut: self = .timeout
        case .invalidAnswer: self = .invalidAnswer
        }
    }
}
