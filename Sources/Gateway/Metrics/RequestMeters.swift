import Hummingbird
import Metrics

/// Counts and times requests by method, route pattern and class of status, and by nothing else: no path, tenant or user.
///
/// All meters are made when the routes are known, so that recording takes a look-up and a few atomic additions.
struct RequestMeters: Sendable {
    private struct Meters: Sendable {
        let method: HTTPRequest.Method
        /// By first digit of the status, from 1.
        let requests: [Counter]
        let duration: Metrics.Timer

        init(_ method: HTTPRequest.Method, label: String, route: String, metrics: PrometheusRegistry) {
            self.method = method
            requests = (1...5).map { digit in
                Counter(
                    label: "attune_http_requests",
                    dimensions: [("method", label), ("route", route), ("status", "\(digit)xx")], factory: metrics)
            }
            duration = Metrics.Timer(
                label: "attune_http_request_duration", dimensions: [("method", label), ("route", route)], factory: metrics)
        }
    }

    private let byRoute: [String: [Meters]]
    private let unmatched: Meters

    init(routes: RouteTable, metrics: PrometheusRegistry) {
        byRoute = Dictionary(
            uniqueKeysWithValues: routes.entries.map { entry in
                let route = entry.path.description
                return (route, entry.methods.map { Meters($0, label: $0.rawValue, route: route, metrics: metrics) })
            })
        unmatched = Meters(.get, label: "any", route: "none", metrics: metrics)
    }

    func record(method: HTTPRequest.Method, route: String?, status: Int, elapsed: Duration) {
        let meters = route.flatMap { byRoute[$0] }?.first { $0.method == method } ?? unmatched
        meters.requests[max(1, min(5, status / 100)) - 1].increment()
        let (seconds, attoseconds) = elapsed.components
        meters.duration.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
