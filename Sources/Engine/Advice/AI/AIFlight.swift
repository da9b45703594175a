import Synchronization

/// How asking the AI provider for one user ended.
enum AIOutcome: Sendable, Equatable {
    case sections(AdvisedSections, madeAt: Timestamp)
    case suggestions([Suggestion])
    case fallback(FallbackReason)
}

/// One question on its way to the AI provider; whoever wants its answer waits here, and nobody must.
final class AIFlight: Sendable {
    private struct Waiter: Sendable {
        let continuation: CheckedContinuation<AIOutcome?, Never>
        var alarm: Task<Void, Never>?
    }

    private struct State: Sendable {
        var outcome: AIOutcome?
        var waiters: [Int: Waiter] = [:]
        var waiterCount = 0
        var task: Task<Void, Never>?
        var isJudged = false
    }

    /// What is asked; nil where any answer of its kind will do.
    let digest: [UInt8]?
    /// Of the profile that it asks about: who has written since does not want this answer.
    let profileVersion: UInt64
    /// Of when its question was read.
    let mark: Withdrawals.Mark
    private let state = Mutex(State())

    init(digest: [UInt8]?, profileVersion: UInt64, mark: Withdrawals.Mark) {
        self.digest = digest
        self.profileVersion = profileVersion
        self.mark = mark
    }

    func answersFor(_ other: AIFlight) -> Bool {
        digest == other.digest && profileVersion == other.profileVersion && mark == other.mark
    }

    func begin(_ task: Task<Void, Never>) { state.withLock { $0.task = task } }

    /// True once: the breaker hears of a flight one time only, at its end or at its deadline.
    func judge() -> Bool {
        state.withLock { state in
            defer { state.isJudged = true }
            return !state.isJudged
        }
    }

    func finish(_ outcome: AIOutcome) {
        let waiters = state.withLock { state in
            state.outcome = outcome
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters {
            waiter.alarm?.cancel()
            waiter.continuation.resume(returning: outcome)
        }
    }

    /// - Returns: nil where it is not there within the time.
    func outcome(within time: Duration) async -> AIOutcome? {
        await withCheckedContinuation { continuation in
            let (known, number) = state.withLock { state -> (AIOutcome?, Int) in
                state.waiterCount += 1
                if state.outcome == nil { state.waiters[state.waiterCount] = Waiter(continuation: continuation) }
                return (state.outcome, state.waiterCount)
            }
            if let known {
                continuation.resume(returning: known)
            } else {
                setAlarm(for: number, after: time)
            }
        }
    }

    private func setAlarm(for number: Int, after time: Duration) {
        let alarm = Task {
            guard (try? await Task.sleep(for: time)) != nil else { return }
            self.state.withLock { $0.waiters.removeValue(forKey: number) }?.continuation.resume(returning: nil)
        }
        let isAnswered = state.withLock { state in
            state.waiters[number]?.alarm = alarm
            return state.waiters[number] == nil
        }
        if isAnswered { alarm.cancel() }
    }

    /// Ends it as soon as can be.
    func cancel() async {
        let task = state.withLock { $0.task }
        task?.cancel()
        await task?.value
    }
}
