import Synchronization

/// What became of events, counted since the start.
package final class EventMeters: Sendable {
    package struct Counts: Sendable, Equatable {
        package fileprivate(set) var accepted = 0
        package fileprivate(set) var duplicate = 0
        package fileprivate(set) var rejected: [EventOutcome.Reason: Int] = [:]
    }

    private let accepted = Atomic<Int>(0)
    private let duplicate = Atomic<Int>(0)
    /// Rare beside the others.
    private let rejected = Mutex<[EventOutcome.Reason: Int]>([:])

    package var counts: Counts {
        Counts(
            accepted: accepted.load(ordering: .relaxed), duplicate: duplicate.load(ordering: .relaxed), rejected: rejected.withLock { $0 })
    }

    func count(_ outcomes: [EventOutcome]) {
        var (taken, repeated) = (0, 0)
        for outcome in outcomes {
            switch outcome.status {
            case .accepted: taken += 1
            case .duplicate: repeated += 1
            case .rejected(let reason): count(reason)
            }
        }
        if taken > 0 { accepted.wrappingAdd(taken, ordering: .relaxed) }
        if repeated > 0 { duplicate.wrappingAdd(repeated, ordering: .relaxed) }
    }

    func count(_ reason: EventOutcome.Reason) {
        rejected.withLock { $0[reason, default: 0] += 1 }
    }
}
