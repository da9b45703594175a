import Synchronization

/// What `/metrics` shows besides the engine's own figures: filled in by the responder, which is made after the routes.
package final class MetricsRegistry: Sendable {
    private let meters = Mutex<RequestMeters?>(nil)

    package init() {}

    func add(_ requests: RequestMeters) {
        meters.withLock { $0 = requests }
    }

    func write(to text: inout MetricsText) {
        meters.withLock { $0 }?.write(to: &text)
    }
}
