import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A fresh environment that the live records of the one in use are copied into, while that goes on being read and written.
///
/// LMDB's own copy is of one snapshot, and a reader that holds one for minutes keeps every page that is freed meanwhile. This one reads in
/// short steps, is told of what changes behind it, and copies that again until little is left; for the last of it the writer stands
/// still. What belongs to no live partition, the rest of tenants and users that are gone, stays behind.
final class Compaction: Sendable {
    private let gate: ReadGate
    private let vault: any PartitionVault
    private let journal: ChangeJournal
    private let cancellation: Cancellation
    private let files: CompactionFiles
    private let mapBytes: Int
    private let target: Environment
    private let isClosed = Atomic(false)

    /// - Throws: `.cannotCommit` where the disk has no room for a copy.
    init(
        gate: ReadGate, vault: any PartitionVault, journal: ChangeJournal, files: CompactionFiles, _ cancellation: Cancellation
    ) throws(StoreError) {
        (self.gate, self.vault, self.journal, self.files, self.cancellation) = (gate, vault, journal, files, cancellation)
        let extent = try gate.read { environment in environment.extent }
        mapBytes = extent.mapBytes
        try files.checkRoom(forBytes: extent.usedBytes)
        try Folder.make(files.copyFolder)
        // Pages are filled to the last byte and split when what changed meanwhile comes in between.
        target = try Environment(path: files.copyFolder, mapBytes: mapBytes * 2)
    }

    /// Copies everything, then what changed meanwhile, until little is left.
    /// - Returns: records copied in the first pass.
    /// - Throws: `.busy` where it was cancelled or cannot keep up with the changes.
    func copy() throws(StoreError) -> Int {
        // What expires is in the order of time: whose it is need not be asked, since the sweeper takes out what leads nowhere.
        let records = try copy(.items) { isLive($0, &$1) } + copy(.expiry) { _, _ in true }
        for _ in 0..<StoreLimits.compactionRoundsMax {
            if journal.count <= StoreLimits.compactionChangesLeftMax { return records }
            try catchUp()
        }
        throw StoreError(.busy, "compacting faster than changes come")
    }

    private typealias KnownPartition = (address: PartitionAddress, mayLive: Bool)

    private func copy(_ table: TableHandle.Name, where isKept: ([UInt8], inout KnownPartition?) -> Bool) throws(StoreError) -> Int {
        var (count, last): (Int, [UInt8]?) = (0, nil)
        while true {
            try checkCourse()
            let step = try step(table, after: last, where: isKept)
            guard let end = step.last else { return count }
            var transaction = try WriteTransaction(target)
            for record in step.records { try transaction.append(record.key, record.value, in: target.table(table)) }
            try transaction.commit()
            count += step.records.count
            last = end
        }
    }

    private func checkCourse() throws(StoreError) {
        try cancellation.check()
        guard journal.count <= StoreLimits.compactionChangesMax else { throw StoreError(.busy, "compacting faster than changes come") }
    }

    /// The records to keep behind a key, as many as make one step.
    /// - Returns: with the last key that was looked at; nil at the end.
    private func step(
        _ table: TableHandle.Name, after: [UInt8]?, where isKept: ([UInt8], inout KnownPartition?) -> Bool
    ) throws(StoreError) -> (records: [(key: [UInt8], value: [UInt8])], last: [UInt8]?) {
        try gate.read { environment throws(StoreError) in
            let transaction = try ReadTransaction(environment)
            let cursor = try transaction.cursor(in: environment.table(table))
            var isThere = try cursor.seek(after ?? [0])
            if isThere, let after, cursor.key == after { isThere = try cursor.next() }
            var (records, bytes, looked): ([(key: [UInt8], value: [UInt8])], Int, Int) = ([], 0, 0)
            var last: [UInt8]?
            var partition: KnownPartition?
            while isThere, bytes < StoreLimits.compactionStepBytes, looked < StoreLimits.compactionStepRecords {
                let key = cursor.key
                if isKept(key, &partition) {
                    let value = cursor.value.withUnsafeBytes { Array($0) }
                    records.append((key, value))
                    bytes += key.count + value.count
                }
                (last, looked) = (key, looked + 1)
                isThere = try cursor.next()
            }
            return (records, last)
        }
    }

    /// A key that cannot be read is nobody's to throw away: it stays, for the check to find.
    private func isLive(_ key: [UInt8], _ known: inout KnownPartition?) -> Bool {
        guard let address = try? PhysicalKey(decoding: key).address else { return true }
        if let known, known.address == address { return known.mayLive }
        let mayLive = vault.mayLive(address)
        known = (address, mayLive)
        return mayLive
    }

    /// Copies what changed since the last time.
    func catchUp() throws(StoreError) {
        var rest = journal.take()[...]
        while !rest.isEmpty {
            try checkCourse()
            rest = rest.dropFirst(try copyAgain(rest))
        }
    }

    /// - Returns: how many of the changes made one step.
    private func copyAgain(_ changes: ArraySlice<ChangeJournal.Change>) throws(StoreError) -> Int {
        let values = try gate.read { environment throws(StoreError) in
            let transaction = try ReadTransaction(environment)
            var (values, bytes): ([[UInt8]?], Int) = ([], 0)
            for change in changes where bytes < StoreLimits.compactionStepBytes && values.count < StoreLimits.compactionStepRecords {
                if let value = try transaction.get(change.key, in: environment.table(change.table)) {
                    values.append(value.withUnsafeBytes { Array($0) })
                    bytes += value.byteCount
                } else {
                    values.append(nil)
                }
            }
            return values
        }
        var transaction = try WriteTransaction(target)
        for (change, value) in zip(changes, values) {
            if let value {
                try transaction.put(change.key, value, in: target.table(change.table))
            } else {
                try transaction.delete(change.key, in: target.table(change.table))
            }
        }
        try transaction.commit()
        return values.count
    }
}

/// The change from the one environment to the other.
extension Compaction {
    /// Puts the copy in the place of the environment in use; only while nobody writes.
    /// - Returns: how long readers were kept out.
    /// - Throws: `.busy` where readers do not leave; any other error leaves the environment to be opened anew.
    func takeOver() throws(StoreError) -> Duration {
        try copyMeta()
        let usedBytes = target.extent.usedBytes
        closeTarget()
        try files.shortenCopy(toBytes: max(usedBytes, mapBytes))
        let clock = ContinuousClock()
        let asked = clock.now
        try gate.swapSoon { environment throws(StoreError) in
            environment?.close()
            environment = nil
            try files.replace()
            environment = try Environment(path: files.folder, mapBytes: mapBytes)
        }
        let waited = clock.now - asked
        try Folder.sync(files.folder)
        return waited
    }

    /// The format and the version given last.
    private func copyMeta() throws(StoreError) {
        let records = try gate.read { environment throws(StoreError) in
            let transaction = try ReadTransaction(environment)
            let cursor = try transaction.cursor(in: environment.meta)
            var records: [(key: [UInt8], value: [UInt8])] = []
            var isThere = try cursor.seek([0])
            while isThere {
                records.append((cursor.key, cursor.value.withUnsafeBytes { Array($0) }))
                isThere = try cursor.next()
            }
            return records
        }
        var transaction = try WriteTransaction(target)
        for record in records { try transaction.put(record.key, record.value, in: target.meta) }
        try transaction.commit()
    }

    /// To be called when it has ended, however it did. The files are another's to remove.
    func closeTarget() {
        if !isClosed.exchange(true, ordering: .relaxed) { target.close() }
    }
}
