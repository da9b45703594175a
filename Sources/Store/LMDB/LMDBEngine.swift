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
    private let writer = OwnThread(name: "attune.writer")

    /// Opens the environment, brings it to the present format and starts the writer.
    /// - Parameter now: milliseconds since 1970; versions begin behind it (`VersionCounter.floor`).
    /// - Throws: `.cannotOpen` for a folder that cannot be opened or is of a newer format.
    package init(_ configuration: Configuration, vault: any PartitionVault, now: Int64) throws(StoreError) {
        self.configuration = configuration
        self.vault = vault
        try Folder.make(configuration.folder)
        Compaction.removeUnfinished(in: configuration.folder)
        try MetaPages.check(folder: configuration.folder)
        let environment = try Environment(path: configuration.folder, mapBytes: configuration.mapBytesInitial)
        gate = ReadGate(environment)
        let sequence = try gate.read { environment throws(StoreError) in
            try Format.bringUpToDate(environment)
            return max(try VersionCounter.load(environment), VersionCounter.floor(openedAt: now))
        }
        let loop = WriterLoop(queue: queue, gate: gate, vault: vault, configuration: configuration, version: sequence)
        writer.start { loop.run() }
    }

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
            let job = WriteQueue.Job(
                keys: transaction.keys, now: now, mayUseReserve: transaction.mayUseReserve,
                attempt: { draft in
                    switch transaction.body(&draft) {
                    case .commit(let output): WriteQueue.Attempt(commits: true) { continuation.resume(returning: .success(output)) }
                    case .discard(let output): WriteQueue.Attempt(commits: false) { continuation.resume(returning: .success(output)) }
                    }
                },
                fail: { continuation.resume(returning: .failure($0)) })
            do throws(StoreError) {
                try queue.append(job)
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        return try result.get()
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
