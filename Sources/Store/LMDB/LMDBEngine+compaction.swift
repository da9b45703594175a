/// Reloading the live records into a fresh environment while serving.
extension LMDBEngine {
    /// What a compaction did.
    package struct Compacted: Sendable {
        /// Used parts of the file.
        package let bytesBefore: Int
        package let bytesAfter: Int
        /// In the tables of items and of what expires.
        package let records: Int
        /// The longest that a reader and a writer had to wait for it.
        package let readersWaited: Duration
        package let writersWaited: Duration
    }

    /// The part of the file's pages that holds nothing now, 0 to 1.
    package var freeShare: Double {
        (try? gate.read { environment in environment.freeShare }) ?? 0
    }

    /// When the last compaction ended, in seconds since 1970; nil: there was none.
    package var lastCompactedAt: Int64? { files.lastCompactedAt }

    private var files: CompactionFiles { CompactionFiles(folder: configuration.folder) }

    /// Copies what lives into a fresh file, puts it in place, and overwrites the old one. Until it is in place nothing has changed.
    /// - Throws: `.busy` while another one or a backup runs, and where it is cancelled; `.cannotCommit` where the disk has no room for it.
    package func compact() async throws(StoreError) -> Compacted {
        let journal = ChangeJournal()
        try await alone { loop throws(StoreError) in try loop.beginCompaction(journal) }
        return try await endingCompaction { cancellation throws(StoreError) in
            try await erase(cancellation)
            let compacted = try await compact(journal, cancellation)
            try files.mark()
            try await erase(cancellation)
            return compacted
        }
    }

    /// Overwrites what a compaction has left that a crash has cut short.
    package func eraseLeftovers() async throws(StoreError) {
        try await alone { loop throws(StoreError) in try loop.beginErasing() }
        try await endingCompaction { cancellation throws(StoreError) in try await erase(cancellation) }
    }

    private func erase(_ cancellation: Cancellation) async throws(StoreError) {
        let files = files
        try await OwnThread.run(name: "attune.compact") { () throws(StoreError) in try files.erase(cancellation) }
    }

    /// Whatever happens, the next one may begin afterwards.
    private func endingCompaction<Output: Sendable>(
        _ body: (Cancellation) async throws(StoreError) -> Output
    ) async throws(StoreError) -> Output {
        let cancellation = Cancellation()
        let result: Result<Output, StoreError> = await withTaskCancellationHandler {
            do throws(StoreError) {
                return .success(try await body(cancellation))
            } catch {
                return .failure(error)
            }
        } onCancel: {
            cancellation.cancel()
        }
        try? await alone { loop throws(StoreError) in loop.endCompaction() }
        return try result.get()
    }

    private func compact(_ journal: ChangeJournal, _ cancellation: Cancellation) async throws(StoreError) -> Compacted {
        let bytesBefore = try gate.read { environment in environment.extent.usedBytes }
        let compaction = try Compaction(gate: gate, vault: vault, journal: journal, files: files, cancellation)
        defer { compaction.closeTarget() }
        let records = try await OwnThread.run(name: "attune.compact") { () throws(StoreError) in try compaction.copy() }
        let (readers, writers) = try await alone { loop throws(StoreError) in
            let start = ContinuousClock.now
            let readers = try loop.finish(compaction)
            return (readers, ContinuousClock.now - start)
        }
        let bytesAfter = try gate.read { environment in environment.extent.usedBytes }
        return Compacted(
            bytesBefore: bytesBefore, bytesAfter: bytesAfter, records: records, readersWaited: readers, writersWaited: writers)
    }
}
