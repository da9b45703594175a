import CoreMetrics
import Gateway
import NIOCore
import Testing

@Suite("PrometheusRegistry")
struct PrometheusRegistryTests {
    private let registry = PrometheusRegistry()

    private var lines: [String] { String(buffer: registry.exposition()).split(separator: "\n").map(String.init) }

    @Test("writes counters, gauges and histograms")
    func exposition() {
        Counter(label: "requests.seen", dimensions: [("route", "/a\"b\\\n")], factory: registry).increment(by: 3)
        Gauge(label: "queue-depth", factory: registry).record(2)
        let timer = Timer(label: "wait", factory: registry)
        timer.recordNanoseconds(400_000)
        timer.recordNanoseconds(2_000_000)
        timer.recordNanoseconds(60_000_000_000)
        #expect(lines.contains(#"requests_seen_total{route="/a\"b\\\n"} 3"#))
        #expect(lines.contains("# TYPE requests_seen_total counter"))
        #expect(lines.contains("queue_depth 2.0"))
        #expect(lines.contains(#"wait_seconds_bucket{le="0.0005"} 1"#))
        #expect(lines.contains(#"wait_seconds_bucket{le="0.0025"} 2"#))
        #expect(lines.contains(#"wait_seconds_bucket{le="10.0"} 2"#))
        #expect(lines.contains(#"wait_seconds_bucket{le="+Inf"} 3"#))
        #expect(lines.contains("wait_seconds_count 3"))
    }

    @Test("gives the same series to the same name and labels")
    func shared() {
        for _ in 0..<2 { Counter(label: "seen", dimensions: [("a", "1")], factory: registry).increment() }
        #expect(lines.contains(#"seen_total{a="1"} 2"#))
    }

    @Test("loses nothing when many write at once")
    func concurrency() async {
        let counter = Counter(label: "seen", factory: registry)
        let timer = Timer(label: "wait", factory: registry)
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1000 {
                        counter.increment()
                        timer.recordNanoseconds(1_000_000_000)
                    }
                }
            }
        }
        #expect(lines.contains("seen_total 8000"))
        #expect(lines.contains("wait_seconds_sum 8000.0"))
    }

    @Test("keeps so many series and no more")
    func bound() {
        for number in 0...GatewayLimits.metricSeriesMax + 10 {
            Counter(label: "seen", dimensions: [("n", "\(number)")], factory: registry).increment()
        }
        #expect(lines.count == GatewayLimits.metricSeriesMax + 1)
    }
}
