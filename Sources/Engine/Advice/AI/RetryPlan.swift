/// How often, and until when, one question is asked: one deadline over all tries.
///
/// Between tries the wait is random from 0 to a bound that doubles (full jitter; Brooker, "Exponential Backoff And Jitter", AWS
/// Architecture Blog, 2015), and never shorter than the service asked for.
package struct RetryPlan: Sendable, Equatable {
    package typealias Instant = ContinuousClock.Instant

    package enum Step: Sendable, Equatable {
        case retry(after: Duration)
        case giveUp
    }

    package static let triesMax = 4
    package static let firstWaitMilliseconds = 100.0
    /// Less time than this is not worth a try.
    package static let tryMillisecondsMin = 200

    package let deadline: Instant
    package private(set) var tries = 0

    package init(start: Instant, milliseconds: Int) {
        deadline = start + .milliseconds(milliseconds)
    }

    /// Begins a try.
    /// - Returns: how long it may take: until the deadline, and then as long in the background as an answer is still of use.
    package mutating func begin(at now: Instant) -> Duration {
        tries += 1
        return deadline - now + .milliseconds(Limits.aiLateMillisecondsMax)
    }

    /// - Parameter random: from 0 up to 1.
    package func step(after failure: AIFailure, at now: Instant, random: Double) -> Step {
        switch failure.reason {
        case .refused, .forbidden, .timedOut, .invalidAnswer: return .giveUp
        case .throttled, .unavailable: break
        }
        let jitter = Duration.milliseconds(Self.firstWaitMilliseconds * Double(1 << (tries - 1)) * random)
        let wait = max(jitter, failure.retryAfter ?? .zero)
        guard tries < Self.triesMax, now + wait + .milliseconds(Self.tryMillisecondsMin) <= deadline else { return .giveUp }
        return .retry(after: wait)
    }
}
