package import Logging
import Store

extension AttuneEngine {
    /// Compacts the store every so often, until cancelled: where keys were destroyed since or much of the file is free, and in any case
    /// once after a start, since nobody knows what was destroyed before.
    /// - Parameter hours: 0: only what a crash has left of a compaction is erased.
    package func compact(everyHours hours: Int, logger: Logger) async {
        await logging("erasing what a compaction left did not finish", logger) { () throws(StoreError) in try await store.eraseLeftovers() }
        let began = clock()
        var destroyed: Int?
        while hours > 0, !Task.isCancelled {
            let last = store.lastCompactedAt.map { Timestamp(seconds: $0) } ?? began
            let wait = Double(hours) * 3600 - clock().seconds(since: last)
            if wait > 0 {
                guard (try? await Task.sleep(for: .seconds(min(wait, Limits.compactLookSecondsMax)))) != nil else { return }
                continue
            }
            let now = vault.destroyedSlots
            if now != destroyed || store.freeShare >= Limits.compactFreeShareMin {
                let isDone = await logging("compacting did not finish", logger) { () throws(StoreError) in
                    let compacted = try await store.compact()
                    logger.info("The store was compacted.", metadata: compacted.metadata)
                }
                if isDone { destroyed = now }
            }
            guard (try? await Task.sleep(for: .seconds(Limits.compactLookSecondsMax))) != nil else { return }
        }
    }

    /// - Returns: whether it was done.
    @discardableResult private func logging(
        _ failure: Logger.Message, _ logger: Logger, _ body: () async throws(StoreError) -> Void
    ) async -> Bool {
        do {
            try await body()
            return true
        } catch {
            // What a shutdown cuts short goes on at the next start.
            if !Task.isCancelled { logger.warning(failure, metadata: ["error": "\(error)"]) }
            return false
        }
    }
}

extension LMDBEngine.Compacted {
    /// For the log.
    var metadata: Logger.Metadata {
        [
            "bytesBefore": .stringConvertible(bytesBefore), "bytesAfter": .stringConvertible(bytesAfter),
            "records": .stringConvertible(records),
        ]
    }
}
