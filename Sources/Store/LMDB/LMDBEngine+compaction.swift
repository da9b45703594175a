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

    /// Copies what lives into a fresh file, puts it in place, and overwrites the old one. Until it is in place nothing has changed.
    /// - Throws: `.busy` while another one or a backup runs, and where it is cancelled; `.cannotCommit` where the disk has no room for it.
    package func compact() async throws(StoreError) -> Compacted {
        let folder = configuration.folder
        try await OwnThread.run(name: "attune.compact") { () throws(StoreError) in try ReplacedFile.erase(in: folder) }
        let journal = ChangeJournal()
        try await alone { loop throws(StoreError) in try loop.beginCompaction(journal) }
        let result: Result<Compacted, StoreError>
        do throws(StoreError) {
            result = .success(try await compact(journal))
        } catch {
            result = .failure(error)
        }
        try? await alone { loop throws(StoreError) in loop.endCompaction() }
        let compacted = try result.get()
        try await OwnThread.run(name: "attune.compact") { () throws(StoreError) in try ReplacedFile.erase(in: folder) }
        return compacted
    }

    private func compact(_ journal: ChangeJournal) async throws(StoreError) -> Compacted {
        let bytesBefore = try gate.read { environment in environment.extent.usedBytes }
        let compaction = try Compaction(gate: gate, vault: vault, journal: journal, folder: configuration.folder)
        do throws(StoreError) {
            let copied: Result<Int, StoreError> = await withTaskCancellationHandler {
                do throws(StoreError) {
                    return .success(try await OwnThread.run(name: "attune.compact") { () throws(StoreError) in try compaction.copy() })
                } catch {
                    return .failure(error)
                }
            } onCancel: {
                compaction.cancel()
            }
            let records = try copied.get()
            let (readers, writers) = try await alone { loop throws(StoreError) in
                let start = ContinuousClock.now
                let readers = try loop.finish(compaction)
                return (readers, ContinuousClock.now - start)
            }
            let bytesAfter = try gate.read { environment in environment.extent.usedBytes }
            return Compacted(
                bytesBefore: bytesBefore, bytesAfter: bytesAfter, records: records, readersWaited: readers, writersWaited: writers)
        } catch {
            compaction.discard()
            throw error
        }
    }
}
