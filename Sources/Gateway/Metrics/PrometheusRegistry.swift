package import CoreMetrics
import Synchronization

/// A backend of swift-metrics that keeps every meter in memory and writes them as Prometheus text (`exposition()`).
///
/// Meters are made seldom and under a lock; recording is atomic additions without one. The number of series is bounded: past
/// `GatewayLimits.metricSeriesMax` new meters record nothing.
package final class PrometheusRegistry: MetricsFactory {
    enum Kind: String { case counter, gauge, histogram }

    struct Family {
        let kind: Kind
        /// By label text: `{method="GET",route="/livez"}` or nothing.
        var series: [String: any MetricSeries] = [:]
    }

    private struct State {
        var families: [String: Family] = [:]
        var seriesCount = 0
    }

    private let state = Mutex(State())

    package init() {}

    var families: [String: Family] { state.withLock { $0.families } }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, suffix: "_total", .counter, dimensions) { IntegerCounter() } ?? NOOPMetricsHandler.instance
    }

    package func makeFloatingPointCounter(label: String, dimensions: [(String, String)]) -> any FloatingPointCounterHandler {
        series(label, suffix: "_total", .counter, dimensions) { FloatingCounter() } ?? NOOPMetricsHandler.instance
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, suffix: "", .gauge, dimensions) { Gauge() } ?? NOOPMetricsHandler.instance
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if aggregate {
            series(label, suffix: "", .histogram, dimensions) { Histogram(bounds: Histogram.sizes) } ?? NOOPMetricsHandler.instance
        } else {
            series(label, suffix: "", .gauge, dimensions) { Gauge() } ?? NOOPMetricsHandler.instance
        }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, suffix: "_seconds", .histogram, dimensions) { Histogram(bounds: Histogram.seconds) }
            ?? NOOPMetricsHandler.instance
    }

    /// A series lives as long as the process: a counter that came back at zero would look like a restart.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    /// The series of that name and those labels, made where there is none; nil past the bound or under the name of another kind.
    private func series<Series: MetricSeries>(
        _ label: String, suffix: String, _ kind: Kind, _ dimensions: [(String, String)], make: () -> Series
    ) -> Series? {
        let name = PrometheusText.name(label) + suffix
        let labels = PrometheusText.labels(dimensions)
        return state.withLock { state in
            var family = state.families[name] ?? Family(kind: kind)
            guard family.kind == kind else { return nil }
            if let present = family.series[labels] { return present as? Series }
            guard state.seriesCount < GatewayLimits.metricSeriesMax else { return nil }
            let made = make()
            family.series[labels] = made
            state.families[name] = family
            state.seriesCount += 1
            return made
        }
    }
}
