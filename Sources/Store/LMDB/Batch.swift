/// The requests of one commit, run one after another against an overlay of the items that they touch.
///
/// A request that discards its draft leaves no trace in the overlay; what is left at the end is sealed and put once.
struct Batch {
    /// An item as the batch has it so far. Shared by those who change it, so that it is looked for once a request.
    private final class Entry {
        let key: PhysicalKey
        let partition: Partition
        /// nil: not there. An expired item that has not been swept is there, for the partition counts it, and absent to requests.
        var item: Item?
        /// What is committed.
        let committed: (isThere: Bool, expiresAt: Int64?)
        var isChanged = false

        init(_ key: PhysicalKey, of partition: Partition, committed item: Item?) {
            self.key = key
            self.partition = partition
            self.item = item
            committed = (item != nil, item?.expiresAt)
        }
    }

    private final class Partition {
        let address: PartitionAddress
        let name: [UInt8]
        /// nil: never seen before; made live by this batch if it is given an item.
        var seal: (any PartitionSeal)?
        let isNew: Bool
        var header: PartitionHeader?
        /// The header as it is committed.
        var committedHeader: PartitionHeader?
        var isHeaderChanged = false

        init(_ address: PartitionAddress, name: [UInt8], seal: (any PartitionSeal)?) {
            self.address = address
            self.name = name
            self.seal = seal
            isNew = seal == nil
        }
    }

    private let vault: any PartitionVault
    private var entries: [PhysicalKey: Entry] = [:]
    private var partitions: [PartitionAddress: Partition] = [:]
    /// Keys of the table of what expires behind which there is no item that opens.
    private var strays: [[UInt8]] = []
    /// What the requests have changed so far, each item as often as it was.
    private(set) var changedBytes = 0
    /// Whether each request that changes something is what the reserve is kept for: no other shall use it up.
    var mayUseReserve: Bool { hasErasing && !hasOthers }
    private var (hasErasing, hasOthers) = (false, false)

    init(vault: any PartitionVault) {
        self.vault = vault
    }

    /// Runs one request.
    /// - Throws: where the items that it names cannot be had, or it names or changes too much. The overlay is as before.
    mutating func run(
        _ job: WriteQueue.Job, version: UInt64, in transaction: borrowing ReadTransaction, tables: Environment
    ) throws(StoreError) -> WriteQueue.Attempt {
        guard job.keys.count <= StoreLimits.itemsPerTransactionMax else {
            throw StoreError(.tooLarge, "naming the items of a transaction")
        }
        var found: [Entry] = []
        found.reserveCapacity(job.keys.count)
        var items: [Item?] = []
        items.reserveCapacity(job.keys.count)
        // Most requests are about one partition: its address, a keyed digest, is worked out once.
        var last: (key: PartitionKey, partition: Partition, start: OrderedKey)?
        for key in job.keys {
            if last?.key != key.partition {
                let address = try vault.address(of: key.partition)
                last = (key.partition, try partition(at: address, name: key.partition.name), PhysicalKey.start(of: address))
            }
            guard let last else { continue }
            let physical = try PhysicalKey(last.partition.address, start: last.start, sort: key.sort)
            let entry = try load(physical, of: last.partition, in: transaction, tables: tables)
            found.append(entry)
            items.append(entry.item.flatMap { $0.isExpired(at: job.now) ? nil : $0 })
        }
        var draft = Draft(version: version, keys: job.keys, items: items)
        let attempt = job.attempt(&draft)
        guard attempt.commits else { return attempt }
        // Everything that can fail comes first, so that a request is applied whole or not at all.
        let changes = draft.changes
        let bytes = try Self.checkedSize(of: changes)
        for change in changes where (found[change.place].item != nil) != (change.item != nil) {
            try loadHeader(of: found[change.place].partition, in: transaction, tables: tables)
        }
        for change in changes { Self.apply(change.item, to: found[change.place]) }
        changedBytes += bytes
        if job.mayUseReserve { hasErasing = true } else if !changes.isEmpty { hasOthers = true }
        return attempt
    }

    /// The bytes that a request changes.
    private static func checkedSize(of changes: [(place: Int, item: Item?)]) throws(StoreError) -> Int {
        let bytes = changes.reduce(0) { $0 + ($1.item?.payload.count ?? 0) }
        guard bytes <= StoreLimits.bytesPerTransactionMax,
            changes.allSatisfy({ $0.item.map { $0.entityType.utf8.count <= StoreLimits.entityTypeBytesMax } ?? true })
        else { throw StoreError(.tooLarge, "committing a transaction") }
        return bytes
    }

    private mutating func partition(at address: PartitionAddress, name: [UInt8]) throws(StoreError) -> Partition {
        if let partition = partitions[address] { return partition }
        let partition = Partition(address, name: name, seal: try vault.seal(at: address))
        partitions[address] = partition
        return partition
    }

    private mutating func load(
        _ key: PhysicalKey, of partition: Partition, in transaction: borrowing ReadTransaction, tables: Environment
    ) throws(StoreError) -> Entry {
        if let entry = entries[key] { return entry }
        var item: Item?
        if let seal = partition.seal {
            if let record = try transaction.get(key.bytes, in: tables.items) {
                item = try Envelope.open(record, key: key, seal: seal)
            } else {
                try loadHeader(of: partition, in: transaction, tables: tables)
                if let header = partition.committedHeader {
                    try Absence.verify(key, header: header, seal: seal, in: transaction, tables)
                }
            }
        }
        let entry = Entry(key, of: partition, committed: item)
        entries[key] = entry
        return entry
    }

    /// Loads the header of a live partition, or makes that of a new one.
    private func loadHeader(
        of partition: Partition, in transaction: borrowing ReadTransaction, tables: Environment
    ) throws(StoreError) {
        guard partition.header == nil else { return }
        guard !partition.isNew, let seal = partition.seal else {
            partition.header = PartitionHeader(name: partition.name)
            return
        }
        let header = try PartitionHeader.load(at: partition.address, seal: seal, in: transaction, tables)
        partition.header = header
        partition.committedHeader = header
    }

    private static func apply(_ item: Item?, to entry: Entry) {
        if (entry.item != nil) != (item != nil) {
            if item == nil { entry.partition.header?.remove(entry.key.sort) } else { entry.partition.header?.add(entry.key.sort) }
            entry.partition.isHeaderChanged = true
        }
        entry.item = item
        entry.isChanged = true
    }
}

/// Deleting what has expired.
extension Batch {
    /// Deletes the item behind a key of the table of what expires. A key behind which no item opens is taken out of that table;
    /// a damaged item stays where it is, to be found damaged.
    mutating func expire(_ expiryKey: [UInt8], in transaction: borrowing ReadTransaction, tables: Environment) throws(StoreError) {
        do throws(StoreError) {
            let key = try ExpiryKey.physicalKey(expiryKey)
            let entry = try load(key, of: try partition(at: key.address, name: []), in: transaction, tables: tables)
            guard entry.item?.expiresAt == ExpiryKey.expiresAt(expiryKey) else { return strays.append(expiryKey) }
            try loadHeader(of: entry.partition, in: transaction, tables: tables)
            Self.apply(nil, to: entry)
        } catch {
            guard error.code == .damaged else { throw error }
            strays.append(expiryKey)
        }
    }
}

/// Putting the overlay into the engine. It can be done again from the start where the engine had no room.
extension Batch {
    var hasChanges: Bool { !strays.isEmpty || entries.values.contains(where: \.isChanged) }

    /// Whether it leaves less than there was.
    var onlyDeletes: Bool { entries.values.allSatisfy { !$0.isChanged || $0.item == nil } }

    /// Partitions that come to life with this batch.
    private var births: [PartitionAddress] {
        partitions.values.filter { $0.isNew && $0.isHeaderChanged && !($0.header?.counts.isEmpty ?? true) }.map(\.address)
    }

    /// Reserves slots for the new partitions; durable when it returns.
    /// - Returns: their addresses, to be published or released.
    mutating func reserve() throws(StoreError) -> [PartitionAddress] {
        let births = births
        guard !births.isEmpty else { return [] }
        for (address, seal) in zip(births, try vault.reserve(births)) {
            partitions[address]?.seal = seal
        }
        return births
    }

    func flush(into transaction: inout WriteTransaction, version: UInt64, tables: Environment) throws(StoreError) {
        for (address, partition) in partitions where partition.isHeaderChanged {
            guard let seal = partition.seal, let header = partition.header else { continue }
            if partition.isNew { try Self.clearLeftovers(at: address, in: &transaction, tables: tables) }
            let item = Item(entityType: PartitionHeader.entityType, version: version, expiresAt: nil, payload: header.payload)
            let key = try PhysicalKey(address, sort: PartitionHeader.sort)
            try transaction.put(key.bytes, Envelope.seal(item, key: key, seal: seal), in: tables.items)
        }
        for stray in strays { try transaction.delete(stray, in: tables.expiry) }
        for entry in entries.values where entry.isChanged {
            guard let seal = entry.partition.seal else { continue }
            try flush(entry, at: entry.key, seal: seal, into: &transaction, tables: tables)
        }
    }

    private func flush(
        _ entry: Entry, at key: PhysicalKey, seal: any PartitionSeal, into transaction: inout WriteTransaction, tables: Environment
    ) throws(StoreError) {
        if entry.committed.expiresAt != entry.item?.expiresAt {
            if let old = entry.committed.expiresAt { try transaction.delete(ExpiryKey.bytes(old, key), in: tables.expiry) }
            if let new = entry.item?.expiresAt { try transaction.put(ExpiryKey.bytes(new, key), [], in: tables.expiry) }
        }
        if let item = entry.item {
            try transaction.put(key.bytes, Envelope.seal(item, key: key, seal: seal), in: tables.items)
        } else if entry.committed.isThere {
            try transaction.delete(key.bytes, in: tables.items)
        }
    }

    /// A partition may have had an earlier life whose key is gone and whose items were not all deleted yet, or come from a backup.
    private static func clearLeftovers(
        at address: PartitionAddress, in transaction: inout WriteTransaction, tables: Environment
    ) throws(StoreError) {
        let range = PhysicalKey.start(of: address, prefix: [])
        while true {
            let keys = try transaction.keys(startingWith: range, in: tables.items, limit: StoreLimits.itemsPerQueryMax)
            if keys.isEmpty { return }
            for key in keys { try transaction.delete(key, in: tables.items) }
        }
    }
}
