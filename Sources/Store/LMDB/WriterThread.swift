import CLMDB
import Dispatch

/// A thread of its own, for work that blocks on the disk and must not hold up the cooperative pool.
final class WriterThread: Sendable {
    private let queue = DispatchQueue(label: "attune.writer", qos: .userInitiated)
    private let isDone = DispatchGroup()

    /// Runs `body` on the thread. To be called once.
    func start(_ body: @escaping @Sendable () -> Void) {
        queue.async(group: isDone) {
            attune_name_this_thread("attune.writer")
            body()
        }
    }

    /// Waits until `body` has returned.
    func join() {
        isDone.wait()
    }
}
