import AttuneCrypto
package import Store
import Synchronization

/// A tenant's own keys: naming and wrapping, wrapped by the master key.
extension KeyVault {
    package func hasTenant(_ number: TenantNumber) -> Bool {
        state.withLock { $0.tenants[number] != nil }
    }

    package func isGone(_ tenant: TenantNumber) -> Bool {
        state.withLock { $0.tenants[tenant] == nil && !$0.dying.contains(tenant) }
    }

    var tenantNumbers: [TenantNumber] { state.withLock { Array($0.tenants.keys) } }

    static func loadTenants(_ slots: [(UInt32, SlotRecord)], into state: inout State) throws(StoreError) {
        var naming: [TenantNumber: HMACSHA256Key] = [:]
        var wrapping: [TenantNumber: [UInt32: SymmetricKey]] = [:]
        for (slot, record) in slots {
            guard let master = state.master.key(record.wrappedBy),
                let key = try? master.unwrap(record.wrapped, aad: record.context(slot: slot))
            else { throw StoreError(.cannotOpen, "opening the key vault: the master key is another one") }
            if record.kind == .naming {
                naming[record.tenant] = try? HMACSHA256Key(key)
            } else {
                wrapping[record.tenant, default: [:]][version(record)] = key
            }
        }
        for (tenant, naming) in naming {
            guard let keys = wrapping[tenant], let newest = keys.keys.max() else { continue }
            state.tenants[tenant] = TenantKeys(naming: naming, wrapping: keys, currentVersion: newest)
        }
    }

    /// Makes the keys of a new tenant; durable when it returns.
    package func addTenant(_ number: TenantNumber) throws(StoreError) {
        let wrapping = SymmetricKey.random()
        let namingKey = SymmetricKey.random()
        guard let naming = try? HMACSHA256Key(namingKey) else { throw StoreError(.engine, "making a naming key") }
        try changingSlots { () throws(StoreError) in
            guard !hasTenant(number) else { throw StoreError(.engine, "making keys for a tenant that has them") }
            try addTenantSlots([(.naming, 0, namingKey), (.wrapping, 1, wrapping)], of: number)
            state.withLock { $0.tenants[number] = TenantKeys(naming: naming, wrapping: [1: wrapping], currentVersion: 1) }
        }
    }

    /// Destroys a tenant's keys: none of its data can be opened, or found, from here on. Where it throws it is to be called again.
    package func destroyTenant(_ number: TenantNumber) throws(StoreError) {
        // Nobody makes or re-wraps a key of the tenant from here on.
        let keys = try changingSlots { () throws(StoreError) in
            state.withLock { state in
                state.dying.insert(number)
                return state.tenants.removeValue(forKey: number)
            }
        }
        do throws(StoreError) {
            try destroySlots { $0.tenant == number && ($0.kind == .naming || $0.kind == .wrapping) }
        } catch {
            state.withLock { state in
                state.tenants[number] = keys
                state.dying.remove(number)
            }
            throw error
        }
        state.withLock { state in
            state.cache.removeAll { $0.tenant == number }
            state.dying.remove(number)
        }
        // The data keys are dead with their wrapping key. What is not given back here is at the next start.
        try? destroySlots { $0.tenant == number && $0.kind == .data }
    }

    /// Destroys what is left of tenants of whose keys a crash left a part: they were being made, or being destroyed.
    func finishDestroying(_ tenants: Set<TenantNumber>) throws(StoreError) {
        guard !tenants.isEmpty else { return }
        try destroySlots { tenants.contains($0.tenant) && $0.kind != .none }
        state.withLock { $0.unsettled = [] }
    }

    /// Destroys slots a step at a time, so that others wait for a step at most.
    func destroySlots(where isDoomed: (SlotRecord) -> Bool) throws(StoreError) {
        try forEachStep(of: try slots(where: isDoomed)) { slots throws(StoreError) in
            // Either copy: an earlier call may have reached the first file only.
            let doomed = slots.map { (slot: $0, copies: file.copies($0)) }.filter { $0.copies.present.contains(where: isDoomed) }
            try file.write(doomed.map { ($0.slot, .free(generation: $0.copies.generation)) })
            state.withLock { state in
                for (slot, copies) in doomed {
                    for record in copies.present where record.kind == .data {
                        let address = PartitionAddress(tenant: record.tenant, digest: record.digest)
                        state.remove(address, slot: slot)
                        // What is being committed is lost with its key, and its slot is not to be given back twice.
                        if state.reserved[address]?.slot == slot { state.reserved[address] = nil }
                    }
                    state.free.append(slot)
                }
            }
        }
    }

    /// Slots one of whose copies is like that.
    func slots(where isWanted: (SlotRecord) -> Bool) throws(StoreError) -> [UInt32] {
        var slots: [UInt32] = []
        try file.forEachCopies { slot, copies in
            if copies.present.contains(where: isWanted) { slots.append(slot) }
        }
        return slots
    }

    func forEachStep(of slots: [UInt32], _ body: (ArraySlice<UInt32>) throws(StoreError) -> Void) throws(StoreError) {
        let slotsPerStep = 1024
        for start in stride(from: 0, to: slots.count, by: slotsPerStep) {
            try changingSlots { () throws(StoreError) in try body(slots[start..<min(start + slotsPerStep, slots.count)]) }
        }
    }

    /// Makes slots for keys of a tenant; durable when it returns. To be called while changing slots.
    func addTenantSlots(
        _ keys: [(kind: SlotRecord.Kind, version: UInt32, key: SymmetricKey)], of tenant: TenantNumber
    ) throws(StoreError) {
        let master = state.withLock { $0.master.current }
        var records: [(slot: UInt32, record: SlotRecord)] = []
        do throws(StoreError) {
            for (kind, version, key) in keys {
                var (slot, record) = try takeFreeSlot()
                record.state = .live
                record.kind = kind
                record.generation += 1
                record.tenant = tenant
                record.digest = [UInt8](repeating: 0, count: 12)
                record.digest.append(bigEndian: version)
                record.wrappedBy = master.number
                record.wrapped = try Self.wrap(key, by: master.key, context: record.context(slot: slot))
                records.append((slot, record))
            }
            try file.write(records)
        } catch {
            let undone = records.map { (slot: $0.slot, record: SlotRecord.free(generation: $0.record.generation)) }
            try? file.writeUnsynced(undone)
            state.withLock { $0.free += undone.map(\.slot) }
            throw error
        }
    }

    static func version(_ record: SlotRecord) -> UInt32 {
        record.digest.suffix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }
}
