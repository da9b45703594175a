import AttuneCrypto
package import Store
import Synchronization

/// The installation's keys, outside the store: master key → tenant's wrapping key → data key of each partition.
///
/// Destroying a slot, here and in its copy, erases what it sealed wherever copies of the items lie. The vault also says which
/// partitions live. One process owns it; its methods may be called from any thread.
package final class KeyVault: PartitionVault {
    struct State {
        var master: MasterKeyFile
        var tenants: [TenantNumber: TenantKeys] = [:]
        /// Tenants whose keys are being destroyed. They come back where that fails.
        var dying: Set<TenantNumber> = []
        var index = SlotIndex()
        /// Slots without a use, the last first.
        var free: [UInt32] = []
        /// Slots that a crash left reserved.
        var unsettled: [UInt32] = []
        /// Seals whose items are being committed.
        var reserved: [PartitionAddress: DataSeal] = [:]
        var cache = TwoGenerationCache<PartitionAddress, DataSeal>(entriesMax: 20_000)
        /// Where each tenant's partitions in the index have their slots.
        var partitions: [TenantNumber: SlotBlocks] = [:]
        /// Live slots that were destroyed since the vault was opened.
        var destroyedSlots = 0

        mutating func insert(_ address: PartitionAddress, slot: UInt32) {
            index.insert(address, slot: slot)
            partitions[address.tenant, default: SlotBlocks()].insert(slot)
        }

        mutating func remove(_ address: PartitionAddress, slot: UInt32) {
            guard index.remove(address, slot: slot) else { return }
            destroyedSlots += 1
            partitions[address.tenant]?.remove(slot)
            if partitions[address.tenant]?.count == 0 { partitions[address.tenant] = nil }
        }
    }

    let file: SlotFile
    /// Memory, held for moments. Whoever holds it may not wait for the disk, except for reading one slot.
    let state: Mutex<State>
    /// Held by whoever changes slots on disk. A reader who meets a half-written slot finds its copy whole.
    private let slotWriting = Mutex(())

    /// Live partitions whose keys were destroyed since the vault was opened.
    var destroyedSlots: Int { state.withLock { $0.destroyedSlots } }

    /// Whether any partition has a key, live or reserved.
    var hasPartitions: Bool { state.withLock { !$0.index.isEmpty } }

    /// Opens the vault in a folder, with the master key at a path; makes both where there is no vault yet.
    /// - Throws: `.cannotOpen` where there is a vault and no master key, or one that does not open it; `.damaged` where a slot has no
    ///   whole copy.
    package init(folder: String, masterKeyPath: String) throws(StoreError) {
        let file = try SlotFile(folder: folder)
        self.file = file
        var state: State
        if let master = try MasterKeyFile(reading: masterKeyPath) {
            state = State(master: master)
        } else if file.slotCount == 0 {
            state = State(master: try MasterKeyFile(creating: masterKeyPath))
        } else {
            throw StoreError(.cannotOpen, "opening a key vault without its master key file")
        }
        let orphans = try Self.load(from: file, into: &state)
        self.state = Mutex(state)
        try finishDestroying(orphans)
        if !hasTenant(.installation) {
            // The master key's name may be a killed process's, who did not come to syncing it.
            try Folder.syncIfPermitted(Folder.parent(of: masterKeyPath))
            try addTenant(.installation)
        }
    }

    /// Reads every slot, and makes its two copies equal again where a crash or rot has made them differ: what was destroyed in one
    /// file only is so in both then.
    /// - Returns: tenants of whose keys only a part is there.
    private static func load(from file: SlotFile, into state: inout State) throws(StoreError) -> Set<TenantNumber> {
        var tenantSlots: [(UInt32, SlotRecord)] = []
        var repaired: [(slot: UInt32, record: SlotRecord)] = []
        var tenants: Set<TenantNumber> = []
        try file.forEachCopies { slot, copies throws(StoreError) in
            guard let record = copies.whole else { throw StoreError(.damaged, "reading a slot of the key vault") }
            if !copies.areEqual { repaired.append((slot, record)) }
            guard record.state != .free, record.kind != .none else { return state.free.append(slot) }
            tenants.insert(record.tenant)
            guard record.kind == .data else { return tenantSlots.append((slot, record)) }
            state.insert(PartitionAddress(tenant: record.tenant, digest: record.digest), slot: slot)
            if record.state == .reserved { state.unsettled.append(slot) }
        }
        state.free.reverse()
        try loadTenants(tenantSlots, into: &state)
        guard state.tenants[.installation] != nil || state.tenants.isEmpty && state.index.isEmpty else {
            throw StoreError(.damaged, "opening a key vault that has lost the installation's keys")
        }
        if !repaired.isEmpty { try file.write(repaired) }
        return tenants.subtracting(state.tenants.keys)
    }

    package func address(of partition: PartitionKey) throws(StoreError) -> PartitionAddress {
        PartitionAddress(tenant: partition.tenant, digest: try digest(partition.name, tenant: partition.tenant))
    }

    /// Keyed digest (HMAC-SHA-256 under the tenant's naming key) of a string from outside, for use in keys.
    package func digest(_ bytes: [UInt8], tenant: TenantNumber) throws(StoreError) -> [UInt8] {
        guard let naming = state.withLock({ $0.tenants[tenant]?.naming }) else {
            throw StoreError(.damaged, "naming a partition of a tenant without keys")
        }
        return naming.authenticationCode(for: bytes)
    }

    package func seal(at address: PartitionAddress) throws(StoreError) -> (any PartitionSeal)? {
        let (known, candidates) = state.withLock { state -> (DataSeal?, [UInt32]) in
            if let seal = state.cache.value(address) { return (seal, []) }
            return (nil, state.reserved[address] == nil ? state.index.candidates(for: address) : [])
        }
        if let known { return known }
        // Most users' keys are not in the cache: the lock is not held while one is read and unwrapped.
        for slot in candidates {
            let record = try file.readPresent(slot)
            guard record.tenant == address.tenant, record.digest == address.digest else { continue }
            guard let wrapping = state.withLock({ $0.tenants[record.tenant]?.wrapping[record.wrappedBy] }) else { break }
            return admit(try Self.unwrap(record, slot: slot, by: wrapping), at: address)
        }
        return try candidates.isEmpty ? nil : sealUnderLock(at: address)
    }

    package func mayLive(_ address: PartitionAddress) -> Bool {
        state.withLock { $0.reserved[address] != nil || !$0.index.candidates(for: address).isEmpty }
    }

    /// Remembers a seal, unless its slot was destroyed while it was being unwrapped.
    private func admit(_ seal: DataSeal, at address: PartitionAddress) -> DataSeal? {
        state.withLock { state in
            guard state.index.holds(address, slot: seal.slot) else { return nil }
            state.cache.insert(seal, for: address)
            return seal
        }
    }

    /// The sure way, for a slot that was re-wrapped or given to another partition while it was being read.
    private func sealUnderLock(at address: PartitionAddress) throws(StoreError) -> DataSeal? {
        try state.withLock { state throws(StoreError) -> DataSeal? in
            guard state.reserved[address] == nil, let (slot, record) = try find(address, in: state) else { return nil }
            let seal = try Self.unwrap(record, slot: slot, in: state)
            state.cache.insert(seal, for: address)
            return seal
        }
    }

    /// The slot of a partition; nil where it has none.
    func find(_ address: PartitionAddress, in state: borrowing State) throws(StoreError) -> (UInt32, SlotRecord)? {
        var found: SlotRecord?
        let slot = try state.index.slot(of: address) { candidate throws(StoreError) in
            let record = try file.read(candidate)
            guard record.tenant == address.tenant, record.digest == address.digest else { return false }
            found = record
            return true
        }
        guard let slot, let found else { return nil }
        return (slot, found)
    }

    /// Whether keys are wrapped by the former master key and the new: no single key file would open a copy.
    var isRotatingMasterKey: Bool { state.withLock { $0.master.keys.count > 1 } }

    /// The key that wraps.
    var masterKey: MasterKeyFile.Key { state.withLock { $0.master.current } }

    /// Keeps other changes of slots out while `body` runs; not to be nested.
    func changingSlots<R>(_ body: () throws(StoreError) -> R) throws(StoreError) -> R {
        try slotWriting.withLock { _ throws(StoreError) in try body() }
    }

    static func unwrap(_ record: SlotRecord, slot: UInt32, in state: borrowing State) throws(StoreError) -> DataSeal {
        guard let wrapping = state.tenants[record.tenant]?.wrapping[record.wrappedBy] else {
            throw StoreError(.damaged, "unwrapping a data key")
        }
        return try unwrap(record, slot: slot, by: wrapping)
    }

    private static func unwrap(_ record: SlotRecord, slot: UInt32, by wrapping: SymmetricKey) throws(StoreError) -> DataSeal {
        guard let key = try? wrapping.unwrap(record.wrapped, aad: record.context(slot: slot)) else {
            throw StoreError(.damaged, "unwrapping a data key")
        }
        return DataSeal(slot: slot, generation: record.generation, tenant: record.tenant, key: key)
    }
}

extension TenantNumber {
    /// The installation itself, which keeps the list of tenants.
    package static let installation = TenantNumber(0)
}
