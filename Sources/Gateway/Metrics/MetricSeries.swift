import CoreMetrics
import Synchronization

/// One line, or one histogram's lines, of the exposition.
protocol MetricSeries: AnyObject, Sendable {
    /// - Parameter labels: With braces, or empty.
    func write(name: String, labels: String, to text: inout String)
}

final class IntegerCounter: CounterHandler, MetricSeries {
    private let count = Atomic<Int64>(0)

    func increment(by amount: Int64) {
        count.wrappingAdd(amount, ordering: .relaxed)
    }

    func reset() {
        count.store(0, ordering: .relaxed)
    }

    func write(name: String, labels: String, to text: inout String) {
        text += "\(name)\(labels) \(count.load(ordering: .relaxed))\n"
    }
}

final class FloatingCounter: FloatingPointCounterHandler, MetricSeries {
    private let sum = AtomicDouble()

    func increment(by amount: Double) {
        sum.add(amount)
    }

    func reset() {
        sum.set(0)
    }

    func write(name: String, labels: String, to text: inout String) {
        text += "\(name)\(labels) \(sum.value)\n"
    }
}

final class Gauge: MeterHandler, RecorderHandler, MetricSeries {
    private let present = AtomicDouble()

    func set(_ value: Int64) { present.set(Double(value)) }
    func set(_ value: Double) { present.set(value) }
    func increment(by amount: Double) { present.add(amount) }
    func decrement(by amount: Double) { present.add(-amount) }
    func record(_ value: Int64) { present.set(Double(value)) }
    func record(_ value: Double) { present.set(value) }

    func write(name: String, labels: String, to text: inout String) {
        text += "\(name)\(labels) \(present.value)\n"
    }
}

/// A histogram with fixed bounds; `nil` of a value that is not finite is counted nowhere.
final class Histogram: TimerHandler, RecorderHandler, MetricSeries {
    /// For durations: half a millisecond to ten seconds.
    static let seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
    /// For sizes and counts: powers of four.
    static let sizes: [Double] = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262_144, 1_048_576]

    private final class Cell: Sendable {
        let count = Atomic<Int64>(0)
    }

    private let bounds: [Double]
    /// One for each bound and one for what is beyond them; each holds its own share, the text adds them up.
    private let cells: [Cell]
    private let sum = AtomicDouble()

    init(bounds: [Double]) {
        self.bounds = bounds
        cells = (0...bounds.count).map { _ in Cell() }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1_000_000_000) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard value.isFinite else { return }
        let index = bounds.firstIndex { value <= $0 } ?? bounds.count
        cells[index].count.wrappingAdd(1, ordering: .relaxed)
        sum.add(value)
    }

    func write(name: String, labels: String, to text: inout String) {
        let prefix = labels.isEmpty ? "{" : labels.dropLast() + ","
        var total: Int64 = 0
        for (index, cell) in cells.enumerated() {
            total += cell.count.load(ordering: .relaxed)
            let bound = index < bounds.count ? "\(bounds[index])" : "+Inf"
            text += "\(name)_bucket\(prefix)le=\"\(bound)\"} \(total)\n"
        }
        text += "\(name)_sum\(labels) \(sum.value)\n\(name)_count\(labels) \(total)\n"
    }
}

/// A number that several threads add to without a lock.
final class AtomicDouble: Sendable {
    private let bits = Atomic<UInt64>(Double(0).bitPattern)

    var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    func set(_ value: Double) {
        bits.store(value.bitPattern, ordering: .relaxed)
    }

    func add(_ amount: Double) {
        var expected = bits.load(ordering: .relaxed)
        while true {
            let desired = (Double(bitPattern: expected) + amount).bitPattern
            let (exchanged, original) = bits.weakCompareExchange(expected: expected, desired: desired, ordering: .relaxed)
            if exchanged { return }
            expected = original
        }
    }
}
