import Synchronization

/// Tells work on a thread of its own to stop; a thread knows nothing of tasks.
final class Cancellation: Sendable {
    private let isCancelled = Atomic(false)

    func cancel() {
        isCancelled.store(true, ordering: .relaxed)
    }

    /// - Throws: `.busy` where it was cancelled.
    func check() throws(StoreError) {
        guard !isCancelled.load(ordering: .relaxed) else { throw StoreError(.busy, "working while the store is closing") }
    }
}
