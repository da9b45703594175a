import Synchronization

/// Counts durations in cells with fixed bounds. Recording takes two atomic additions and no lock.
final class Histogram: Sendable {
    /// In seconds: half a millisecond to ten seconds.
    static let bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    private final class Cell: Sendable {
        let count = Atomic<Int64>(0)
    }

    /// One for each bound and one for what is beyond them; each holds its own share, the text adds them up.
    private let cells = (0...bounds.count).map { _ in Cell() }
    private let nanoseconds = Atomic<Int64>(0)

    func record(_ duration: Duration) {
        let seconds = duration / .seconds(1)
        let index = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
        cells[index].count.wrappingAdd(1, ordering: .relaxed)
        nanoseconds.wrappingAdd(Int64(seconds * 1_000_000_000), ordering: .relaxed)
    }

    var samples: [MetricsText.Sample] {
        var total: Int64 = 0
        var samples: [MetricsText.Sample] = []
        for (index, cell) in cells.enumerated() {
            total += cell.count.load(ordering: .relaxed)
            let bound = index < Self.bounds.count ? "\(Self.bounds[index])" : "+Inf"
            samples.append(.init(total, suffix: "_bucket", labels: ["le": bound]))
        }
        samples.append(.init(Double(nanoseconds.load(ordering: .relaxed)) / 1_000_000_000, suffix: "_sum"))
        samples.append(.init(total, suffix: "_count"))
        return samples
    }
}
