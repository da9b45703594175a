/// The requests of one commit, run one after another against an overlay of the items that they touch.
///
/// A request that discards its draft leaves no trace in the overlay; what is left at the end is sealed and put once.
struct Batch {
    /// An item as the batch has it so far.
    private struct Entry {
        /// nil: not there. An expired item that has not been swept is there, for the partition counts it, and absent to requests.
        var item: Item?
        /// What is committed.
        let committed: (isThere: Bool, expiresAt: Int64?)
        var isChanged = false

        init(committed item: Item?) {
            self.item = item
            committed = (item != nil, item?.expiresAt)
        }
    }

    private struct Partition {
        let name: [UInt8]
        /// nil: never seen before; made live by this batch if it is given an item.
        var seal: (any PartitionSeal)?
        let isNew: Bool
        var header: PartitionHeader?
        /// The header as it is committed.
        var committedHeader: PartitionHeader?
        var isHeaderChanged = false
    }

    private let vault: any PartitionVault
    private var entries: [PhysicalKey: Entry] = [:]
    private var partitions: [PartitionAddress: Partition] = [:]
    /// Keys of the table of what expires behind which there is no item that opens.
    private var strays: [[UInt8]] = []
    /// What the requests have changed so far, each item as often as it was.
    private(set) var changedBytes = 0
    /// Whether a request among them is what the reserve is kept for.
    private(set) var mayUseReserve = false

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
        var keys: [PhysicalKey] = []
        var items: [Item?] = []
        // Most requests are about one partition: its address, a keyed digest, is worked out once.
        var partition: PartitionKey?
        var address: PartitionAddress?
        for key in job.keys {
            if address == nil || partition != key.partition { address = try vault.address(of: key.partition) }
            partition = key.partition
            guard let address else { continue }
            let physical = try PhysicalKey(address, sort: key.sort)
            let item = try load(physical, of: key.partition, in: transaction, tables: tables)
            keys.append(physical)
            items.append(item.flatMap { $0.isExpired(at: job.now) ? nil : $0 })
        }
        var draft = Draft(version: version, keys: job.keys, items: items)
        let attempt = job.attempt(&draft)
        guard attempt.commits else { return attempt }
        // Everything that can fail comes first, so that a request is applied whole or not at all.
        let changes = draft.changes
        let bytes = try Self.checkedSize(of: changes)
        for change in changes where (entries[keys[change.place]]?.item != nil) != (change.item != nil) {
            try loadHeader(of: keys[change.place].address, in: transaction, tables: tables)
        }
        for change in changes { apply(change.item, at: keys[change.place]) }
        changedBytes += bytes
        if job.mayUseReserve { mayUseReserve = true }
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

    private mutating func load(
        _ key: PhysicalKey, of partition: PartitionKey, in transaction: borrowing ReadTransaction, tables: Environment
    ) throws(StoreError) -> Item? {
        if let entry = entries[key] { return entry.item }
        if partitions[key.address] == nil {
            let seal = try vault.seal(at: key.address)
            partitions[key.address] = Partition(name: partition.name, seal: seal, isNew: seal == nil)
        }
        var item: Item?
        if let seal = partitions[key.address]?.seal {
            if let record = try transaction.get(key.bytes, in: tables.items) {
                item = try Envelope.open(record, key: key, seal: seal)
            } else {
                try loadHeader(of: key.address, in: transaction, tables: tables)
                if let header = partitions[key.address]?.committedHeader {
                    try Absence.verify(key, header: header, seal: seal, in: transaction, tables)
                }
            }
        }
        entries[key] = Entry(committed: item)
        return item
    }

    /// Loads the header of a live partition, or makes that of a new one.
    private mutating func loadHeader(
        of address: PartitionAddress, in transaction: borrowing ReadTransaction, tables: Environment
    ) throws(StoreError) {
        guard let partition = partitions[address], partition.header == nil else { return }
        guard !partition.isNew, let seal = partition.seal else {
            partitions[address]?.header = PartitionHeader(name: partition.name)
            return
        }
        let header = try PartitionHeader.load(at: address, seal: seal, in: transaction, tables)
        partitions[address]?.header = header
        partitions[address]?.committedHeader = header
    }

    private mutating func apply(_ item: Item?, at key: PhysicalKey) {
        guard let entry = entries[key] else { return }
        if (entry.item != nil) != (item != nil) {
            if item == nil {
                partitions[key.address]?.header?.remove(key.sort)
            } else {
                partitions[key.address]?.header?.add(key.sort)
            }
            partitions[key.address]?.isHeaderChanged = true
        }
        entries[key]?.item = item
        entries[key]?.isChanged = true
    }
}

/// Deleting what has expired.
extension Batch {
    /// Deletes the item behind a key of the table of what expires. A key behind which no item opens is taken out of that table;
    /// a damaged item stays where it is, to be found damaged.
    mutating func expire(_ expiryKey: [UInt8], in transaction: borrowing ReadTransaction, tables: Environment) throws(StoreError) {
        do throws(StoreError) {
            let key = try ExpiryKey.physicalKey(expiryKey)
            let partition = PartitionKey(tenant: key.address.tenant, name: [])
            let item = try load(key, of: partition, in: transaction, tables: tables)
            guard item?.expiresAt == ExpiryKey.expiresAt(expiryKey) else { return strays.append(expiryKey) }
            try loadHeader(of: key.address, in: transaction, tables: tables)
            apply(nil, at: key)
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
        partitions.filter { $0.value.isNew && $0.value.isHeaderChanged && !($0.value.header?.counts.isEmpty ?? true) }.map(\.key)
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
        for (key, entry) in entries where entry.isChanged {
            guard let seal = partitions[key.address]?.seal else { continue }
            try flush(entry, at: key, seal: seal, into: &transaction, tables: tables)
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
