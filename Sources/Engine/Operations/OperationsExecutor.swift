import Dispatch

/// Threads for operators' work, which reads and writes files for minutes: on the cooperative pool, which has one thread a core, two such
/// commands would keep every request waiting.
final class OperationsExecutor: TaskExecutor {
    static let shared = OperationsExecutor()

    private let queue = DispatchQueue(label: "attune.operations", attributes: .concurrent)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
