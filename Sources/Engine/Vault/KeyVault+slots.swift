import AttuneCrypto
package import Store
import Synchronization

/// The life of a slot: free → reserved → live → destroyed, which is free again.
extension KeyVault {
    package func reserve(_ addresses: [PartitionAddress]) throws(StoreError) -> [any PartitionSeal] {
        try changingSlots { () throws(StoreError) in try reserveExclusively(addresses) }
    }

    private func reserveExclusively(_ addresses: [PartitionAddress]) throws(StoreError) -> [any PartitionSeal] {
        var seals: [DataSeal] = []
        var records: [(slot: UInt32, record: SlotRecord)] = []
        do throws(StoreError) {
            for address in addresses {
                let (seal, record) = try prepare(address)
                seals.append(seal)
                records.append((seal.slot, record))
            }
            try file.write(records)
        } catch {
            releaseExclusively(addresses)
            throw error
        }
        return seals
    }

    private func prepare(_ address: PartitionAddress) throws(StoreError) -> (DataSeal, SlotRecord) {
        let keys = state.withLock { $0.tenants[address.tenant] }
        // The tenant was deleted after the transaction ran. Others' transactions in the same commit are to be tried again.
        guard let keys, let wrapping = keys.wrapping[keys.currentVersion] else {
            throw StoreError(.busy, "making a data key for a tenant that is being deleted")
        }
        var (slot, record) = try takeFreeSlot()
        record.state = .reserved
        record.kind = .data
        record.generation += 1
        record.tenant = address.tenant
        record.digest = address.digest
        record.wrappedBy = keys.currentVersion
        let seal = DataSeal(slot: slot, generation: record.generation, tenant: address.tenant, key: .random())
        state.withLock { $0.reserved[address] = seal }
        record.wrapped = try Self.wrap(seal.key, by: wrapping, context: record.context(slot: slot))
        return (seal, record)
    }

    static func wrap(_ key: SymmetricKey, by wrapping: SymmetricKey, context: [UInt8]) throws(StoreError) -> [UInt8] {
        do throws(CryptoError) {
            return try wrapping.wrap(key, aad: context)
        } catch {
            throw StoreError(.engine, "wrapping a key")
        }
    }

    /// A slot for use, with what it holds now. To be called while changing slots.
    func takeFreeSlot() throws(StoreError) -> (slot: UInt32, record: SlotRecord) {
        if state.withLock({ $0.free.isEmpty }) {
            let before = UInt32(file.slotCount)
            try file.grow()
            state.withLock { $0.free = (before..<UInt32(file.slotCount)).reversed() }
        }
        guard let slot = state.withLock({ $0.free.popLast() }) else { throw StoreError(.engine, "taking a slot of the key vault") }
        return (slot, try file.read(slot))
    }

    package func publish(_ addresses: [PartitionAddress]) {
        // Not synced, and a failure is no harm: at the next start a reserved slot whose partition has been committed is live.
        try? changingSlots { () throws(StoreError) in try markLive(addresses) }
        state.withLock { state in
            for address in addresses {
                guard let seal = state.reserved.removeValue(forKey: address) else { continue }
                state.insert(address, slot: seal.slot)
                state.cache.insert(seal, for: address)
            }
        }
    }

    private func markLive(_ addresses: [PartitionAddress]) throws(StoreError) {
        var records: [(slot: UInt32, record: SlotRecord)] = []
        for address in addresses {
            guard let seal = state.withLock({ $0.reserved[address] }), var record = try? file.read(seal.slot) else { continue }
            record.state = .live
            records.append((seal.slot, record))
        }
        try file.writeUnsynced(records)
    }

    package func release(_ addresses: [PartitionAddress]) {
        try? changingSlots { releaseExclusively(addresses) }
    }

    private func releaseExclusively(_ addresses: [PartitionAddress]) {
        for address in addresses {
            guard let seal = state.withLock({ $0.reserved.removeValue(forKey: address) }) else { continue }
            // Not synced, and a failure is no harm: at the next start a reserved slot whose partition has no items is free.
            try? file.writeUnsynced([(seal.slot, .free(generation: seal.generation))])
            state.withLock { $0.free.append(seal.slot) }
        }
    }

    /// Destroys a live partition's key, in both files and in memory: what it sealed is gone when this returns, wherever copies lie.
    /// Where it throws it is to be called again.
    package func destroy(_ address: PartitionAddress) throws(StoreError) {
        try changingSlots { () throws(StoreError) in
            var generation: UInt32 = 0
            let slot = try state.withLock { state throws(StoreError) in
                try state.index.slot(of: address) { candidate throws(StoreError) in
                    // Either copy: an earlier call may have reached the first file only.
                    let copies = file.copies(candidate)
                    generation = copies.generation
                    return copies.present.contains { $0.tenant == address.tenant && $0.digest == address.digest }
                }
            }
            guard let slot else { return }
            try file.write([(slot, .free(generation: generation))])
            state.withLock { state in
                state.cache.remove(address)
                state.remove(address, slot: slot)
                state.free.append(slot)
            }
        }
    }

    /// Settles the slots that a crash left reserved: live where the partition's items were committed, free where not. To be called
    /// once, before anything is asked for.
    /// - Parameter isCommitted: whether the store holds a partition that the reserved key opens.
    package func settle(isCommitted: (PartitionAddress) throws(StoreError) -> Bool) throws(StoreError) {
        var settled: [(slot: UInt32, record: SlotRecord)] = []
        for slot in state.withLock({ $0.unsettled }) {
            var record = try file.read(slot)
            let address = PartitionAddress(tenant: record.tenant, digest: record.digest)
            if try isCommitted(address) {
                record.state = .live
            } else {
                record = .free(generation: record.generation)
                state.withLock { state in
                    state.cache.remove(address)
                    state.remove(address, slot: slot)
                    state.free.append(slot)
                }
            }
            settled.append((slot, record))
        }
        if !settled.isEmpty { try file.write(settled) }
        state.withLock { $0.unsettled = [] }
    }
}

/// The vault's copy in a backup.
extension KeyVault {
    /// Destroys in a copy what was destroyed here since it was made, so that every key in it opens what the store held later.
    func destroyWhatIsDestroyed(inCopy folder: String) throws(StoreError) {
        let copy = try SlotFile(folder: folder)
        func isDestroyed(_ slot: UInt32, _ record: SlotRecord) -> Bool {
            guard let present = file.copies(slot).whole else { return false }
            return present.state == .free || present.generation != record.generation
        }
        var (tenants, destroyed): (Set<TenantNumber>, [(slot: UInt32, record: SlotRecord)]) = ([], [])
        try copy.forEach { slot, record in
            if record.kind == .naming, isDestroyed(slot, record) { tenants.insert(record.tenant) }
        }
        try copy.forEach { slot, record in
            // The copy's data keys are wrapped by its own wrapping keys, which may have been replaced since.
            let isGone = tenants.contains(record.tenant) || record.kind == .data && isDestroyed(slot, record)
            if record.state != .free, isGone { destroyed.append((slot, .free(generation: record.generation))) }
        }
        if !destroyed.isEmpty { try copy.write(destroyed) }
    }
}

/// Looking at all slots, while others change them.
extension KeyVault {
    /// Calls `body` with the address of every partition that lives.
    func forEachLivePartition(_ body: (PartitionAddress) -> Void) throws(StoreError) {
        try file.forEachCopies { _, copies in
            guard let record = copies.whole, record.state == .live, record.kind == .data else { return }
            body(PartitionAddress(tenant: record.tenant, digest: record.digest))
        }
    }

    /// Counts slots whose copies differ, and among them those of which neither copy is whole.
    func unequalSlots() throws(StoreError) -> (count: Int, brokenCount: Int) {
        let suspects = try file.unequalSlots()
        // Most of them were being written just then.
        return try changingSlots { () throws(StoreError) in
            let unequal = suspects.map(file.copies).filter { !$0.areEqual }
            return (unequal.count, unequal.count { $0.whole == nil })
        }
    }
}
