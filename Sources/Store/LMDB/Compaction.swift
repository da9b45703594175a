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
    private static let unfinishedName = "compacted"
    private static let dataName = "data.mdb"

    private let gate: ReadGate
    private let vault: any PartitionVault
    private let journal: ChangeJournal
    /// Of the environment in use.
    private let folder: String
    private let mapBytes: Int
    private let target: Environment
    private let isCancelled = Atomic(false)
    private let isClosed = Atomic(false)

    init(gate: ReadGate, vault: any PartitionVault, journal: ChangeJournal, folder: String) throws(StoreError) {
        self.gate = gate
        self.vault = vault
        self.journal = journal
        self.folder = folder
        mapBytes = try gate.read { environment in environment.extent.mapBytes }
        Self.removeUnfinished(in: folder)
        try Folder.make("\(folder)/\(Self.unfinishedName)")
        // Pages are filled to the last byte and split when what changed meanwhile comes in between.
        target = try Environment(path: "\(folder)/\(Self.unfinishedName)", mapBytes: mapBytes * 2)
    }

    func cancel() {
        isCancelled.store(true, ordering: .relaxed)
    }

    /// Copies everything, then what changed meanwhile, until little is left.
    /// - Returns: records copied in the first pass.
    /// - Throws: `.busy` where it was cancelled or cannot keep up with the changes.
    func copy() throws(StoreError) -> Int {
        let records = try copy(.items) + copy(.expiry)
        for _ in 0..<StoreLimits.compactionRoundsMax {
            if journal.count <= StoreLimits.compactionChangesLeftMax { return records }
            try catchUp()
        }
        throw StoreError(.busy, "compacting faster than changes come")
    }

    private func copy(_ table: TableHandle.Name) throws(StoreError) -> Int {
        var (count, last): (Int, [UInt8]?) = (0, nil)
        while true {
            guard !isCancelled.load(ordering: .relaxed), journal.count <= StoreLimits.compactionChangesMax else {
                throw StoreError(.busy, "compacting")
            }
            let step = try step(table, after: last)
            guard let end = step.last else { return count }
            var transaction = try WriteTransaction(target)
            for record in step.records { try transaction.append(record.key, record.value, in: target.table(table)) }
            try transaction.commit()
            count += step.records.count
            last = end
        }
    }

    /// The live records behind a key, as many as make one step.
    /// - Returns: with the last key that was looked at; nil at the end.
    private func step(
        _ table: TableHandle.Name, after: [UInt8]?
    ) throws(StoreError) -> (records: [(key: [UInt8], value: [UInt8])], last: [UInt8]?) {
        try gate.read { environment throws(StoreError) in
            let transaction = try ReadTransaction(environment)
            let cursor = try transaction.cursor(in: environment.table(table))
            var isThere = try cursor.seek(after ?? [0])
            if isThere, let after, cursor.key == after { isThere = try cursor.next() }
            var (records, bytes, looked): ([(key: [UInt8], value: [UInt8])], Int, Int) = ([], 0, 0)
            var last: [UInt8]?
            var partition: (address: PartitionAddress, isLive: Bool)?
            while isThere, bytes < StoreLimits.compactionStepBytes, looked < StoreLimits.compactionStepRecords {
                let key = cursor.key
                if isLive(key, in: table, &partition) {
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
    private func isLive(_ key: [UInt8], in table: TableHandle.Name, _ known: inout (address: PartitionAddress, isLive: Bool)?) -> Bool {
        guard let physical = table == .items ? try? PhysicalKey(decoding: key) : try? ExpiryKey.physicalKey(key) else { return true }
        if let known, known.address == physical.address { return known.isLive }
        let isLive: Bool
        do throws(StoreError) {
            isLive = try vault.seal(at: physical.address) != nil
        } catch {
            isLive = !vault.isGone(physical.address.tenant)
        }
        known = (physical.address, isLive)
        return isLive
    }

    /// Copies what changed since the last time.
    func catchUp() throws(StoreError) {
        var rest = journal.take()[...]
        while !rest.isEmpty {
            guard !isCancelled.load(ordering: .relaxed) else { throw StoreError(.busy, "compacting") }
            try copyAgain(rest.prefix(StoreLimits.compactionStepRecords))
            rest = rest.dropFirst(StoreLimits.compactionStepRecords)
        }
    }

    private func copyAgain(_ changes: ArraySlice<ChangeJournal.Change>) throws(StoreError) {
        let values = try gate.read { environment throws(StoreError) in
            let transaction = try ReadTransaction(environment)
            var values: [[UInt8]?] = []
            for change in changes {
                if let value = try transaction.get(change.key, in: environment.table(change.table)) {
                    values.append(value.withUnsafeBytes { Array($0) })
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
    }
}

/// The change from the one environment to the other.
extension Compaction {
    /// Puts the copy in the place of the environment in use; only while nobody writes.
    /// - Returns: how long readers were kept out.
    /// - Throws: `.busy` where readers do not leave; any other error leaves the environment to be opened anew.
    func takeOver() throws(StoreError) -> Duration {
        try copyMeta()
        closeTarget()
        let clock = ContinuousClock()
        var waited = Duration.zero
        let asked = clock.now
        try gate.swapSoon { environment throws(StoreError) in
            environment?.close()
            environment = nil
            let renamed = replace()
            environment = try Environment(path: folder, mapBytes: mapBytes)
            waited = clock.now - asked
            guard renamed else { throw StoreError(.cannotCommit, "putting a copy in its place") }
        }
        try Folder.sync(folder)
        Self.removeUnfinished(in: folder)
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

    /// One rename, so that after a crash there is the one file or the other. What was replaced keeps a name until it is overwritten.
    private func replace() -> Bool {
        let data = "\(folder)/\(Self.dataName)"
        guard link(data, ReplacedFile.path(in: folder)) == 0 || errno == EEXIST else { return false }
        return rename("\(folder)/\(Self.unfinishedName)/\(Self.dataName)", data) == 0
    }

    private func closeTarget() {
        if !isClosed.exchange(true, ordering: .relaxed) { target.close() }
    }

    /// Lets go of a copy that was not put in place.
    func discard() {
        closeTarget()
        Self.removeUnfinished(in: folder)
    }

    /// Removes what a compaction left that did not finish.
    static func removeUnfinished(in folder: String) {
        for name in [dataName, "lock.mdb"] { unlink("\(folder)/\(unfinishedName)/\(name)") }
        rmdir("\(folder)/\(unfinishedName)")
    }
}
