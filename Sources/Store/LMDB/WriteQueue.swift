import Dispatch
import Synchronization

/// What waits for the writer: bounded, first come first served, taken a batch at a time.
final class WriteQueue: Sendable {
    /// One request to the writer. Exactly one of the two ways to answer is taken.
    struct Job: Sendable {
        let keys: [ItemKey]
        /// Milliseconds since 1970.
        let now: Int64
        let mayUseReserve: Bool
        let attempt: @Sendable (inout Draft) -> Attempt
        let fail: @Sendable (StoreError) -> Void
    }

    /// The outcome of a run: whether its changes count, and how to answer once the batch is on disk.
    struct Attempt: Sendable {
        let commits: Bool
        let answer: @Sendable () -> Void
    }

    enum Work: Sendable {
        case transactions([Job])
        /// Runs alone, between commits.
        case alone(@Sendable (WriterLoop) -> Void)
    }

    private struct State {
        var jobs: [Job] = []
        var alone: [@Sendable (WriterLoop) -> Void] = []
        var isClosed = false
        var isEmpty: Bool { jobs.isEmpty && alone.isEmpty }

        mutating func take() -> (work: Work?, isOver: Bool) {
            if !alone.isEmpty { return (.alone(alone.removeFirst()), false) }
            guard !jobs.isEmpty else { return (nil, isClosed) }
            let batch = Array(jobs.prefix(StoreLimits.requestsPerCommitMax))
            jobs.removeFirst(batch.count)
            return (.transactions(batch), false)
        }
    }

    private let state = Mutex(State())
    private let wakeUp = DispatchSemaphore(value: 0)

    /// - Throws: `.busy` where more than `StoreLimits.waitingRequestsMax` would wait, or the queue is closed: none is taken.
    func append(_ jobs: [Job]) throws(StoreError) {
        try append { state in
            guard state.jobs.count + jobs.count <= StoreLimits.waitingRequestsMax else { return false }
            state.jobs += jobs
            return true
        }
    }

    /// - Throws: `.busy` where the queue is closed.
    func append(alone work: @escaping @Sendable (WriterLoop) -> Void) throws(StoreError) {
        try append { state in
            state.alone.append(work)
            return true
        }
    }

    private func append(_ take: (inout State) -> Bool) throws(StoreError) {
        let (isTaken, wasEmpty) = state.withLock { state -> (Bool, Bool) in
            let wasEmpty = state.isEmpty
            return (!state.isClosed && take(&state), wasEmpty)
        }
        guard isTaken else { throw StoreError(.busy, "waiting for the writer") }
        if wasEmpty { wakeUp.signal() }
    }

    /// How many requests wait.
    var count: Int { state.withLock { $0.jobs.count } }

    /// Takes no more; what waits is still done.
    func close() {
        state.withLock { $0.isClosed = true }
        wakeUp.signal()
    }

    /// Waits for work. nil: the queue is closed and empty.
    func next() -> Work? {
        while true {
            let (work, isOver) = state.withLock { $0.take() }
            if let work { return work }
            if isOver { return nil }
            wakeUp.wait()
        }
    }
}
