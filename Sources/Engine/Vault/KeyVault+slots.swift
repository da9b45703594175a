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
        for address in addresses {
            let (seal, record) = try prepare(address)
            seals.append(seal)
            records.append((seal.slot, record))
        }
        do throws(StoreError) {
            try file.write(records)
        } catch {
            releaseExclusively(addresses)
            throw error
        }
        return seals
    }

    private func prepare(_ address: PartitionAddress) throws(StoreError) -> (DataSeal, SlotRecord) {
        let slot = try takeFreeSlot()
        var record = try file.read(slot)
        record.state = .reserved
        record.kind = .data
        record.generation += 1
        record.tenant = address.tenant
        record.digest = address.digest
        return try state.withLock { state throws(StoreError) in
            guard let tenant = state.tenants[address.tenant], let wrapping = tenant.wrapping[tenant.currentVersion] else {
                throw StoreError(.damaged, "making a data key for a tenant without keys")
            }
            let seal = DataSeal(slot: slot, generation: record.generation, tenant: address.tenant, key: .random())
            record.wrappedBy = tenant.currentVersion
            record.wrapped = try Self.wrap(seal.key, by: wrapping, context: record.context(slot: slot))
            state.reserved[address] = seal
            return (seal, record)
        }
    }

    static func wrap(_ key: SymmetricKey, by wrapping: SymmetricKey, context: [UInt8]) throws(StoreError) -> [UInt8] {
        do throws(CryptoError) {
            return try wrapping.wrap(key, aad: context)
        } catch {
            throw StoreError(.engine, "wrapping a key")
        }
    }

    /// To be called while changing slots.
    func takeFreeSlot() throws(StoreError) -> UInt32 {
        if let slot = state.withLock({ $0.free.popLast() }) { return slot }
        let before = UInt32(file.slotCount)
        try file.grow()
        state.withLock { $0.free.insert(contentsOf: (before + 1..<UInt32(file.slotCount)).reversed(), at: 0) }
        return before
    }

    package func publish(_ addresses: [PartitionAddress]) {
        // Not synced, and a failure is no harm: at the next start a reserved slot whose partition has been committed is live.
        try? changingSlots { () throws(StoreError) in try markLive(addresses) }
        state.withLock { state in
            for address in addresses {
                guard let seal = state.reserved.removeValue(forKey: address) else { continue }
                state.index.insert(address, slot: seal.slot)
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
            var record = SlotRecord()
            record.generation = seal.generation
            try? file.writeUnsynced([(seal.slot, record)])
            state.withLock { $0.free.append(seal.slot) }
        }
    }

    /// Destroys a partition's key, in both files and in memory: what it sealed is gone when this returns, wherever copies lie.
    package func destroy(_ address: PartitionAddress) throws(StoreError) {
        try changingSlots { () throws(StoreError) in
            guard let (slot, record) = try state.withLock({ state throws(StoreError) in try find(address, in: state) }) else { return }
            try file.write([(slot, record.destroyed)])
            state.withLock { state in
                state.cache.remove(address)
                state.index.remove(address, slot: slot)
                state.free.append(slot)
            }
        }
    }

    /// Settles the slots that a crash left reserved: live where the partition's items were committed, free where not.
    package func settle(isCommitted: (PartitionAddress) throws(StoreError) -> Bool) throws(StoreError) {
        var settled: [(slot: UInt32, record: SlotRecord)] = []
        try file.forEach { slot, record throws(StoreError) in
            guard record.state == .reserved, record.kind == .data else { return }
            let address = PartitionAddress(tenant: record.tenant, digest: record.digest)
            var record = record
            if try isCommitted(address) {
                record.state = .live
            } else {
                record = record.destroyed
                state.withLock { state in
                    state.index.remove(address, slot: slot)
                    state.free.append(slot)
                }
            }
            settled.append((slot, record))
        }
        if !settled.isEmpty { try file.write(settled) }
    }
}

extension KeyVault {
    /// Calls `body` with the address of every partition that lives.
    func forEachLivePartition(_ body: (PartitionAddress) throws(StoreError) -> Void) throws(StoreError) {
        try file.forEach { _, record throws(StoreError) in
            guard record.state == .live, record.kind == .data else { return }
            try body(PartitionAddress(tenant: record.tenant, digest: record.digest))
        }
    }
}
