import Synchronization

/// Whether the gateway takes requests: what `/readyz` says besides the state of the store.
package final class Readiness: Sendable {
    package enum State: UInt8, Sendable { case starting, serving, draining }

    private let raw = Atomic<UInt8>(State.starting.rawValue)

    package init() {}

    package var state: State { State(rawValue: raw.load(ordering: .acquiring)) ?? .draining }

    /// From starting to serving; a gateway that drains already stays so.
    package func beginServing() {
        _ = raw.compareExchange(
            expected: State.starting.rawValue, desired: State.serving.rawValue, ordering: .acquiringAndReleasing)
    }

    package func beginDraining() {
        raw.store(State.draining.rawValue, ordering: .releasing)
    }
}
