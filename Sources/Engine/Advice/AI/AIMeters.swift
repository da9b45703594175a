import Synchronization

/// What the AI provider did and what it cost, counted since the start; no tenant and no user among the labels.
package final class AIMeters: Sendable {
    package enum Outcome: String, Sendable, CaseIterable {
        case success
        /// After the deadline: it serves the next request.
        case late
        case timeout, forbidden, refused, throttled, unavailable
        case invalidAnswer = "invalid_answer"
    }

    package struct Counts: Sendable, Equatable {
        package fileprivate(set) var calls: [Outcome: UInt64] = [:]
        package fileprivate(set) var inputTokens: UInt64 = 0
        package fileprivate(set) var outputTokens: UInt64 = 0
        /// By source, and by why it fell back.
        package fileprivate(set) var dashboards: [Written: UInt64] = [:]
    }

    package struct Written: Sendable, Hashable {
        package let source: Dashboard.Source
        package let reason: FallbackReason?
    }

    private let state = Mutex(Counts())

    package var counts: Counts { state.withLock { $0 } }

    func countDashboard(_ source: Dashboard.Source, _ reason: FallbackReason?) {
        state.withLock { $0.dashboards[Written(source: source, reason: reason), default: 0] += 1 }
    }

    func countCall(_ outcome: Outcome, inputTokens: Int, outputTokens: Int) {
        state.withLock { counts in
            counts.calls[outcome, default: 0] += 1
            counts.inputTokens += UInt64(max(0, inputTokens))
            counts.outputTokens += UInt64(max(0, outputTokens))
        }
    }
}
