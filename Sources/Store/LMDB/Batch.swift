/// The requests of one commit, run one after another against an overlay of the items that they touch.
///
/// A request that discards its draft leaves no trace in the overlay; what is left at the end is sealed and put once.
struct Batch {
    /// An item as the batch has it so far.
    private struct Entry {
        /// nil: absent, or expired.
        var item: Item?
        /// Whether the partition counts it: an expired item that has not been swept is there and absent.
        var isThere: Bool
        /// The `expiresAt` under which the committed item stands in the table of what expires.
        let indexedExpiry: Int64?
        /// Whether there is a committed item.
        let isCommitted: Bool
        var isChanged = false
    }

    private struct Partition {
        let name: [UInt8]
        /// nil: never seen before; made live by this batch if it is given an item.
        var seal: (any PartitionSeal)?
        let isNew: Bool
        var header: PartitionHeader?
        var isHeaderChanged = false
    }

    private let vault: any PartitionVault
    private var entries: [PhysicalKey: Entry] = [:]
    private var partitions: [PartitionAddress: Partition] = [:]
    /// Keys of the table of what expires behind which there is no item that opens.
    private var strays: [[UInt8]] = []

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
        var keys: [ItemKey: PhysicalKey] = [:]
        var items: [ItemKey: Item?] = [:]
        for key in job.keys {
            let physical = try PhysicalKey(vault.address(of: key.partition), sort: key.sort)
            keys[key] = physical
            items[key] = .some(try load(physical, of: key.partition, now: job.now, in: transaction, tables: tables))
        }
        var draft = Draft(version: version, items: items)
        let attempt = job.attempt(&draft)
        guard attempt.commits else { return attempt }
        guard draft.changedBytes <= StoreLimits.bytesPerTransactionMax else {
            throw StoreError(.tooLarge, "committing a transaction")
        }
        // Everything that can fail comes first, so that a request is applied whole or not at all.
        let changes = draft.changes.compactMap { key, item in keys[key].map { (key: $0, item: item) } }
        for change in changes where entries[change.key]?.isThere != (change.item != nil) {
            try loadHeader(of: change.key.address, in: transaction, tables: tables)
        }
        for change in changes { apply(change.item, at: change.key) }
        return attempt
    }

    private mutating func load(
        _ key: PhysicalKey, of partition: PartitionKey, now: Int64, in transaction: borrowing ReadTransaction, tables: Environment
    ) throws(StoreError) -> Item? {
        if let entry = entries[key] { return entry.item.flatMap { $0.isExpired(at: now) ? nil : $0 } }
        if partitions[key.address] == nil {
            let seal = try vault.seal(at: key.address)
            partitions[key.address] = Partition(name: partition.name, seal: seal, isNew: seal == nil)
        }
        guard let seal = partitions[key.address]?.seal else {
            entries[key] = Entry(item: nil, isThere: false, indexedExpiry: nil, isCommitted: false)
            return nil
        }
        guard let record = try transaction.get(key.bytes, in: tables.items) else {
            try loadHeader(of: key.address, in: transaction, tables: tables)
            if let header = partitions[key.address]?.header, header.demands(key.sort) {
                throw StoreError(.damaged, "reading an item that its partition counts")
            }
            entries[key] = Entry(item: nil, isThere: false, indexedExpiry: nil, isCommitted: false)
            return nil
        }
        let item = try Envelope.open(record, key: key, seal: seal)
        let isExpired = item.isExpired(at: now)
        entries[key] = Entry(item: isExpired ? nil : item, isThere: true, indexedExpiry: item.expiresAt, isCommitted: true)
        return isExpired ? nil : item
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
        let key = try PhysicalKey(address, sort: PartitionHeader.sort)
        guard let record = try transaction.get(key.bytes, in: tables.items) else {
            throw StoreError(.damaged, "reading the header of a live partition")
        }
        partitions[address]?.header = try PartitionHeader(decoding: Envelope.open(record, key: key, seal: seal).payload)
    }

    private mutating func apply(_ item: Item?, at key: PhysicalKey) {
        guard let entry = entries[key] else { return }
        if entry.isThere != (item != nil) {
            if item == nil {
                partitions[key.address]?.header?.remove(key.sort)
            } else {
                partitions[key.address]?.header?.add(key.sort)
            }
            partitions[key.address]?.isHeaderChanged = true
        }
        entries[key]?.item = item
        entries[key]?.isThere = item != nil
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
            _ = try load(key, of: partition, now: .min, in: transaction, tables: tables)
            guard entries[key]?.item?.expiresAt == ExpiryKey.expiresAt(expiryKey) else { return strays.append(expiryKey) }
            try loadHeader(of: key.address, in: transaction, tables: tables)
            apply(nil, at: key)
        } catch {
            strays.append(expiryKey)
        }
    }
}

/// Putting the overlay into the engine. It can be done again from the start where the engine had no room.
extension Batch {
    var hasChanges: Bool { !strays.isEmpty || entries.values.contains(where: \.isChanged) }

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
        if entry.indexedExpiry != entry.item?.expiresAt {
            if let old = entry.indexedExpiry { try transaction.delete(ExpiryKey.bytes(old, key), in: tables.expiry) }
            if let new = entry.item?.expiresAt { try transaction.put(ExpiryKey.bytes(new, key), [], in: tables.expiry) }
        }
        if let item = entry.item {
            try transaction.put(key.bytes, Envelope.seal(item, key: key, seal: seal), in: tables.items)
        } else if entry.isCommitted {
            try transaction.delete(key.bytes, in: tables.items)
        }
    }

    /// A partition may have had an earlier life whose key is gone and whose items were not all deleted yet, or come from a backup.
    private static func clearLeftovers(
        at address: PartitionAddress, in transaction: inout WriteTransaction, tables: Environment
    ) throws(StoreError) {
        let start = PhysicalKey.start(of: address, prefix: [])
        while true {
            let keys = try transaction.keys(from: start, in: tables.items, limit: StoreLimits.itemsPerQueryMax) { $0.starts(with: start) }
            if keys.isEmpty { return }
            for key in keys { try transaction.delete(key, in: tables.items) }
        }
    }
}
