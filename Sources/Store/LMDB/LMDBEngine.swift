import CLMDB
import Synchronization

/// The embedded engine: sealed items in LMDB, read where the caller stands, written by one thread that commits in groups.
///
/// A write is answered when it is on disk. Reads are short, synchronous, and never held over an `await`.
package final class LMDBEngine: StorageEngine {
    package struct Configuration: Sendable {
        /// The folder of the environment; made where there is none.
        package let folder: String
        /// The operator's bound on the store's size; the store answers `.cannotCommit` when it is reached.
        package let bytesMax: Int

        /// Address space to begin with.
        package let mapBytesInitial: Int

        package init(
            folder: String, bytesMax: Int = StoreLimits.mapBytesMax, mapBytesInitial: Int = StoreLimits.mapBytesInitial
        ) {
            self.folder = folder
            self.bytesMax = bytesMax
            self.mapBytesInitial = min(mapBytesInitial, bytesMax)
        }

        /// The part of the bound that is kept for deletions.
        var reserveBytes: Int { min(Int(Double(bytesMax) * StoreLimits.reserveShare), StoreLimits.reserveBytesMax) }
        var mapBytesMax: Int { bytesMax - reserveBytes }
    }

    let configuration: Configuration
    let vault: any PartitionVault
    let gate: ReadGate
    let queue = WriteQueue()
    let meters = CommitMeters()
    private let writer = OwnThread(name: "attune.writer")

    /// Opens the environment, brings it to the present format and starts the writer.
    /// - Parameter now: milliseconds since 1970; versions begin behind it (`VersionCounter.floor`).
    /// - Throws: `.cannotOpen` for a folder that cannot be opened or is of a newer format.
    package init(_ configuration: Configuration, vault: any PartitionVault, now: Int64) throws(StoreError) {
        self.configuration = configuration
        self.vault = vault
        try Folder.make(configuration.folder)
        // A rename that is not durable must not be built upon.
        try Folder.sync(configuration.folder)
        try NewStore(folder: configuration.folder).makeIfMissing(mapBytes: configuration.mapBytesInitial)
        try MetaPages.check(folder: configuration.folder)
        let environment = try Environment(path: configuration.folder, mapBytes: configuration.mapBytesInitial)
        gate = ReadGate(environment)
        let sequence = try gate.read { environment throws(StoreError) in
            try Format.bringUpToDate(environment)
            return max(try VersionCounter.load(environment), VersionCounter.floor(openedAt: now))
        }
        let loop = WriterLoop(queue: queue, gate: gate, vault: vault, configuration: configuration, version: sequence, meters: meters)
        writer.start { loop.run() }
    }

    /// Whether there is a store in a folder.
    package static func exists(inFolder folder: String) -> Bool { NewStore(folder: folder).exists }

    deinit {
        // Without it the writer of an engine that nobody closed would wait for ever.
        queue.close()
    }

    /// Commits what waits, ends the writer and closes the environment. Nothing may be asked of the engine afterwards.
    package func close() {
        queue.close()
        writer.join()
        try? gate.swap { environment in
            environment?.close()
            environment = nil
        }
    }

    package func write<Output>(_ transaction: Transaction<Output>, now: Int64) async throws(StoreError) -> Output {
        let result: Result<Output, StoreError> = await withCheckedContinuation { continuation in
            do throws(StoreError) {
                try queue.append([Self.job(transaction, now: now) { continuation.resume(returning: $0) }])
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        return try result.get()
    }

    package func write<Output>(_ transactions: [Transaction<Output>], now: Int64) async -> [Result<Output, StoreError>] {
        if transactions.isEmpty { return [] }
        return await withCheckedContinuation { continuation in
            let answers = Answers<Output>(to: transactions.count) { continuation.resume(returning: $0) }
            let jobs = transactions.enumerated().map { place, transaction in
                Self.job(transaction, now: now) { answers.give($0, at: place) }
            }
            do throws(StoreError) {
                try queue.append(jobs)
            } catch {
                continuation.resume(returning: transactions.map { _ in .failure(error) })
            }
        }
    }

    private static func job<Output>(
        _ transaction: Transaction<Output>, now: Int64, answer: @escaping @Sendable (Result<Output, StoreError>) -> Void
    ) -> WriteQueue.Job {
        WriteQueue.Job(
            keys: transaction.keys, now: now, mayUseReserve: transaction.mayUseReserve,
            attempt: { draft in
                switch transaction.body(&draft) {
                case .commit(let output): WriteQueue.Attempt(commits: true) { answer(.success(output)) }
                case .discard(let output): WriteQueue.Attempt(commits: false) { answer(.success(output)) }
                }
            },
            fail: { answer(.failure($0)) })
    }

    /// Runs `work` on the writer's thread between two commits, alone.
    func alone<Output: Sendable>(
        _ work: @escaping @Sendable (WriterLoop) throws(StoreError) -> Output
    ) async throws(StoreError) -> Output {
        let result: Result<Output, StoreError> = await withCheckedContinuation { continuation in
            do throws(StoreError) {
                try queue.append(alone: { loop in
                    continuation.resume(returning: Result { () throws(StoreError) in try work(loop) })
                })
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        return try result.get()
    }
}

/// Gathers the answers to transactions that were asked for together.
private final class Answers<Output: Sendable>: Sendable {
    private let results: Mutex<(given: [Result<Output, StoreError>?], missing: Int)>
    private let isComplete: @Sendable ([Result<Output, StoreError>]) -> Void

    init(to count: Int, isComplete: @escaping @Sendable ([Result<Output, StoreError>]) -> Void) {
        results = Mutex(([Result<Output, StoreError>?](repeating: nil, count: count), count))
        self.isComplete = isComplete
    }

    func give(_ result: Result<Output, StoreError>, at place: Int) {
        let all = results.withLock { results -> [Result<Output, StoreError>]? in
            results.given[place] = result
            results.missing -= 1
            return results.missing == 0 ? results.given.compactMap(\.self) : nil
        }
        if let all { isComplete(all) }
    }
}
