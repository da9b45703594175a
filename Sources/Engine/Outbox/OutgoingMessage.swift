/// What a message to the outside world looks like on its way: made anew, and signed, for every try.
package struct OutgoingMessage: Sendable {
    package let url: String
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]

    package init(url: String, headers: [(name: String, value: String)], body: [UInt8]) {
        (self.url, self.headers, self.body) = (url, headers, body)
    }
}

/// What became of one try.
package enum DeliveryOutcome: Sendable, Equatable {
    /// Answered with a 2xx.
    case delivered
    /// No answer, or another one: to be tried again.
    case failed
    /// The address is one that nothing may be sent to, now or later.
    case forbidden
}

/// Sends messages. The engine says what and when; who implements it says how.
package protocol MessageSender: Sendable {
    func send(_ message: OutgoingMessage) async -> DeliveryOutcome
}

/// When a message is tried again: after twice as long each time, up to a bound, with half of it left to chance, so that many that failed
/// together do not come back together.
package enum DeliveryPlan {
    package enum Step: Sendable, Equatable {
        case done
        case retry(at: Timestamp)
        case giveUp
    }

    /// - Parameters:
    ///   - attempts: how often it was tried, this time included.
    ///   - chance: 0 to 1.
    package static func step(
        after outcome: DeliveryOutcome, attempts: Int, createdAt: Timestamp, now: Timestamp, chance: Double
    ) -> Step {
        switch outcome {
        case .delivered: return .done
        case .forbidden: return .giveUp
        case .failed:
            // Beyond this the bound holds in any case.
            let doublings = min(max(attempts - 1, 0), 20)
            let seconds = min(Limits.deliveryRetrySecondsMin * Double(1 << doublings), Limits.deliveryRetrySecondsMax)
            let at = Timestamp(milliseconds: now.milliseconds + Int64(seconds * (0.5 + 0.5 * chance) * 1000))
            return at > createdAt.adding(seconds: Limits.deliverySecondsMax) ? .giveUp : .retry(at: at)
        }
    }
}
