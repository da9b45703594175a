import CLMDB
import Dispatch
import Glibc

/// A thread of its own, for work that blocks on the disk and must not hold up the cooperative pool.
///
/// It is none of Dispatch's: of those there are 255 in a process, and one that waits is missing to all the others.
final class OwnThread: Sendable {
    private let isDone = DispatchGroup()
    /// As the system shows it; at most 15 bytes.
    private let name: StaticString

    init(name: StaticString) {
        self.name = name
    }

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
        let work = Work { [name] in
            attune_name_this_thread(name.description)
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
            DispatchQueue(label: name.description).async(execute: work.body)
            return
        }
        pthread_detach(thread)
    }

    /// Waits until `body` has returned.
    func join() {
        isDone.wait()
    }
}

extension OwnThread {
    /// Does work that blocks on a thread that is made for it.
    static func run<Output: Sendable>(
        name: StaticString, _ work: @escaping @Sendable () throws(StoreError) -> Output
    ) async throws(StoreError) -> Output {
        let result: Result<Output, StoreError> = await withCheckedContinuation { continuation in
            OwnThread(name: name).start {
                continuation.resume(returning: Result { () throws(StoreError) in try work() })
            }
        }
        return try result.get()
    }
}
