import Hummingbird
import Synchronization

/// Counts and times requests by method, route pattern and class of status, and by nothing else: no path, tenant or user.
///
/// All cells are made when the routes are known, so that recording takes a look-up and a few atomic additions. The text names only those
/// that have counted, and of them at most `GatewayLimits.requestSeriesMax`, the first to do so; the others are added up as route `other`.
final class RequestMeters: Sendable {
    private final class Cell: Sendable {
        let count = Atomic<Int64>(0)
        let isShown = Atomic<Bool>(false)
    }

    private struct Meters: Sendable {
        let method: HTTPRequest.Method
        let label: String
        let route: String
        /// By first digit of the status, from 1.
        let cells = (1...5).map { _ in Cell() }
    }

    private let byRoute: [String: [Meters]]
    private let unmatched = Meters(method: .get, label: "any", route: "none")
    private let durations = Histogram()
    private let shown = Atomic<Int>(0)

    init(routes: RouteTable) {
        byRoute = Dictionary(
            uniqueKeysWithValues: routes.entries.map { entry in
                let route = entry.path.description
                return (route, entry.methods.map { Meters(method: $0, label: $0.rawValue, route: route) })
            })
    }

    func record(method: HTTPRequest.Method, route: String?, status: Int, elapsed: Duration) {
        let meters = route.flatMap { byRoute[$0] }?.first { $0.method == method } ?? unmatched
        let cell = meters.cells[max(1, min(5, status / 100)) - 1]
        if cell.count.wrappingAdd(1, ordering: .relaxed).oldValue == 0 { show(cell) }
        durations.record(elapsed)
    }

    private func show(_ cell: Cell) {
        guard shown.wrappingAdd(1, ordering: .relaxed).oldValue < GatewayLimits.requestSeriesMax else { return }
        cell.isShown.store(true, ordering: .relaxed)
    }

    func write(to text: inout MetricsText) {
        var others: Int64 = 0
        var samples: [MetricsText.Sample] = []
        for meters in byRoute.values.joined().sorted(by: { ($0.route, $0.label) < ($1.route, $1.label) }) + [unmatched] {
            for (index, cell) in meters.cells.enumerated() {
                let count = cell.count.load(ordering: .relaxed)
                guard count > 0 else { continue }
                guard cell.isShown.load(ordering: .relaxed) else {
                    others += count
                    continue
                }
                samples.append(
                    .init(count, labels: ["method": meters.label, "route": meters.route, "status": "\(index + 1)xx"]))
            }
        }
        if others > 0 { samples.append(.init(others, labels: ["method": "any", "route": "other", "status": "any"])) }
        text.family("attune_http_requests_total", .counter, "Requests answered, by method, route pattern and class of status.", samples)
        text.family("attune_http_request_duration_seconds", .histogram, "Time from a request's head to its answer.", durations.samples)
    }
}
