import CLMDB
import Glibc

/// Counts the readers of the environment, so that what must not happen under them (growing the map, closing, replacing) waits
/// until there are none and keeps new ones out for so long.
///
/// A reader must not pass the gate a second time while it is inside: with a swap waiting it would wait for itself.
final class ReadGate: Sendable {
    /// Sendable: a pthread lock at a fixed address, made for sharing.
    nonisolated(unsafe) private let lock: UnsafeMutablePointer<pthread_rwlock_t>
    /// Sendable: read under the lock held for reading, changed under the lock held for writing.
    nonisolated(unsafe) private var environment: Environment?

    init(_ environment: Environment) {
        lock = .allocate(capacity: 1)
        var attributes = pthread_rwlockattr_t()
        pthread_rwlockattr_init(&attributes)
        // Writers first, otherwise a stream of readers keeps the swap waiting for ever.
        pthread_rwlockattr_setkind_np(&attributes, Int32(PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP))
        pthread_rwlock_init(lock, &attributes)
        pthread_rwlockattr_destroy(&attributes)
        self.environment = environment
    }

    deinit {
        environment?.close()
        pthread_rwlock_destroy(lock)
        lock.deallocate()
    }

    /// - Throws: `.busy` while there is no environment.
    func read<R>(_ body: (Environment) throws(StoreError) -> R) throws(StoreError) -> R {
        pthread_rwlock_rdlock(lock)
        defer { pthread_rwlock_unlock(lock) }
        guard let environment else { throw StoreError(.busy, "reading while the store is closed") }
        return try body(environment)
    }

    /// Shuts the gate, waits for the readers inside, and lets `body` do what it must with the environment.
    func swap(_ body: (inout Environment?) throws(StoreError) -> Void) throws(StoreError) {
        pthread_rwlock_wrlock(lock)
        defer { pthread_rwlock_unlock(lock) }
        try body(&environment)
    }

    /// `swap`, for what can be tried again later: while it waits new readers wait too, and a backup may be inside for minutes.
    /// - Throws: `.busy` where readers are still inside after `StoreLimits.gateWaitMilliseconds`.
    func swapSoon(_ body: (inout Environment?) throws(StoreError) -> Void) throws(StoreError) {
        var deadline = timespec()
        clock_gettime(CLOCK_REALTIME, &deadline)
        deadline.tv_nsec += StoreLimits.gateWaitMilliseconds * 1_000_000
        deadline.tv_sec += deadline.tv_nsec / 1_000_000_000
        deadline.tv_nsec %= 1_000_000_000
        guard pthread_rwlock_timedwrlock(lock, &deadline) == 0 else { throw StoreError(.busy, "waiting for the readers to leave") }
        defer { pthread_rwlock_unlock(lock) }
        try body(&environment)
    }
}
