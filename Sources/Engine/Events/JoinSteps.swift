import Synchronization

/// How many transactions the moving of visitors' pasts may still take; shared by those that move at the same time.
final class JoinSteps: Sendable {
    private let left: Mutex<Int>

    init(max: Int) {
        left = Mutex(max)
    }

    /// - Returns: false where none is left, or nobody waits any more.
    func take() -> Bool {
        guard !Task.isCancelled else { return false }
        return left.withLock { left in
            guard left > 0 else { return false }
            left -= 1
            return true
        }
    }

    var areLeft: Bool { !Task.isCancelled && left.withLock { $0 > 0 } }
}
