import CLMDB
import Dispatch
import Glibc

/// A thread of its own, for work that blocks on the disk and must not hold up the cooperative pool.
///
/// It is none of Dispatch's: of those there are 255 in a process, and one that waits is missing to all the others.
final class WriterThread: Sendable {
    private let isDone = DispatchGroup()

    /// What the thread is to do, on its way there.
    private final class Work {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }

    /// Runs `body` on the thread. To be called once.
    func start(_ body: @escaping @Sendable () -> Void) {
        isDone.enter()
        let isDone = isDone
        let work = Work {
            attune_name_this_thread("attune.writer")
            body()
            isDone.leave()
        }
        var thread = pthread_t()
        let retained = Unmanaged.passRetained(work)
        let result = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, retained.toOpaque())
        guard result == 0 else {
            // Without threads left the work is done where others wait too, which is better than not at all.
            retained.release()
            DispatchQueue(label: "attune.writer").async(execute: work.body)
            return
        }
        pthread_detach(thread)
    }

    /// Waits until `body` has returned.
    func join() {
        isDone.wait()
    }
}
