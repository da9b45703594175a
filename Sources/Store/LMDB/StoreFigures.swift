import Synchronization

/// What the store tells those who watch it, at one moment.
package struct StoreFigures: Sendable {
    /// Of the file's pages in use, free ones among them.
    package let bytes: Int
    package let bytesMax: Int
    /// The part of the bound that holds data, 0 to 1.
    package let fullness: Double
    package let commits: Int
    package let commitFailures: Int
    /// Over all commits.
    package let commitSeconds: Double
    package let waitingRequests: Int
}

/// Commits, counted by the writer.
final class CommitMeters: Sendable {
    private let commits = Atomic<Int>(0)
    private let failures = Atomic<Int>(0)
    private let nanoseconds = Atomic<Int>(0)

    func count(_ duration: Duration) {
        commits.wrappingAdd(1, ordering: .relaxed)
        nanoseconds.wrappingAdd(Int(duration / .nanoseconds(1)), ordering: .relaxed)
    }

    func countFailure() { failures.wrappingAdd(1, ordering: .relaxed) }

    var counts: (commits: Int, failures: Int, seconds: Double) {
        (
            commits.load(ordering: .relaxed), failures.load(ordering: .relaxed),
            Double(nanoseconds.load(ordering: .relaxed)) / 1_000_000_000
        )
    }
}

extension LMDBEngine {
    package var figures: StoreFigures {
        let (used, free) = (try? gate.read { environment in (environment.extent.usedBytes, environment.freeShare) }) ?? (0, 0)
        let counts = meters.counts
        return StoreFigures(
            bytes: used, bytesMax: configuration.bytesMax, fullness: min(1, Double(used) * (1 - free) / Double(configuration.bytesMax)),
            commits: counts.commits, commitFailures: counts.failures, commitSeconds: counts.seconds, waitingRequests: queue.count)
    }
}
