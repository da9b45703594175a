/// Whether the AI provider is asked at all: a state machine, one for the process.
///
/// It opens after so many failures in a row or above a rate of them, for a time that doubles with every opening, with jitter; when that
/// is over, one call probes. Nobody waits for the probe: it is always a call in the background.
/// Source: Nygard, "Release It!" (2007), chapter 5.
package struct CircuitBreaker: Sendable, Equatable {
    package typealias Instant = ContinuousClock.Instant

    package enum State: String, Sendable, CaseIterable {
        case closed
        case open
        case halfOpen = "half_open"
    }

    package enum Admission: Sendable, Equatable { case admitted, probe, refused }

    package enum Outcome: Sendable, Equatable {
        case success
        case failure
        /// The credentials are not good for it.
        case forbidden
        /// - Parameter retryAfter: what the service asked to wait.
        case throttled(retryAfter: Duration?)
        /// The provider is there, and what it says is of no use: says nothing about the next call, which is about other data.
        case useless
    }

    package static let failuresInRowMax = 5
    package static let window = 20
    package static let windowFailuresMax = 10
    package static let openSecondsMin = 5.0
    package static let openSecondsMax = 300.0
    package static let forbiddenSeconds = 600.0
    /// A shorter wait is the business of the next try.
    package static let throttledSecondsMin = 3.0
    package static let throttledSecondsMax = 600.0

    private enum Phase: Sendable, Equatable {
        case closed
        case open(until: Instant)
        case halfOpen(isProbing: Bool)
    }

    private var phase = Phase.closed
    private var failuresInRow = 0
    /// The latest outcomes, newest in the lowest bit; 1: failed.
    private var history: UInt32 = 0
    private var openings = 0

    package init() {}

    /// What a call would hear now.
    package func admission(at now: Instant) -> Admission {
        switch phase {
        case .closed: .admitted
        case .open(let until): now < until ? .refused : .probe
        case .halfOpen(let isProbing): isProbing ? .refused : .probe
        }
    }

    /// Lets a call pass, or one probe.
    package mutating func admit(at now: Instant) -> Admission {
        let admission = admission(at: now)
        if admission == .probe { phase = .halfOpen(isProbing: true) }
        return admission
    }

    /// A probe that was let pass never took place.
    package mutating func abandonProbe() {
        if phase == .halfOpen(isProbing: true) { phase = .halfOpen(isProbing: false) }
    }

    /// Learns how a call ended.
    /// - Parameters:
    ///   - isProbe: whether `admit` said so; how other calls end means nothing while the breaker is not closed.
    ///   - random: from 0 up to 1.
    package mutating func record(_ outcome: Outcome, isProbe: Bool, at now: Instant, random: Double) {
        guard isProbe || phase == .closed else { return }
        switch outcome {
        case .success, .useless:
            if isProbe { self = CircuitBreaker() }
            if outcome == .success { note(failed: false) }
        case .failure:
            note(failed: true)
            if isProbe || isFailing { open(seconds: backOff(random), at: now) }
        case .forbidden:
            open(seconds: Self.forbiddenSeconds, at: now)
        case .throttled(let retryAfter):
            note(failed: true)
            let asked = retryAfter.map { $0 / .seconds(1) } ?? 0
            if asked >= Self.throttledSecondsMin {
                open(seconds: min(asked, Self.throttledSecondsMax), at: now)
            } else if isProbe || isFailing {
                open(seconds: backOff(random), at: now)
            }
        }
    }

    package func state(at now: Instant) -> State {
        switch phase {
        case .closed: .closed
        case .open(let until): now < until ? .open : .halfOpen
        case .halfOpen: .halfOpen
        }
    }

    private mutating func note(failed: Bool) {
        failuresInRow = failed ? failuresInRow + 1 : 0
        history = (history << 1 | (failed ? 1 : 0)) & (1 << UInt32(Self.window) - 1)
    }

    private var isFailing: Bool {
        failuresInRow >= Self.failuresInRowMax || history.nonzeroBitCount >= Self.windowFailuresMax
    }

    /// Doubles with every opening since it last closed; half of it is left to chance, so that several servers do not probe at once.
    private func backOff(_ random: Double) -> Double {
        let full = min(Self.openSecondsMax, Self.openSecondsMin * Double(1 << min(openings, 10)))
        return full * (0.5 + 0.5 * random)
    }

    private mutating func open(seconds: Double, at now: Instant) {
        phase = .open(until: now + .seconds(seconds))
        openings += 1
        failuresInRow = 0
        history = 0
    }
}
