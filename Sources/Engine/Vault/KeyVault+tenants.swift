import AttuneCrypto
package import Store
import Synchronization

/// A tenant's own keys: naming and wrapping, wrapped by the master key.
extension KeyVault {
    package func hasTenant(_ number: TenantNumber) -> Bool {
        state.withLock { $0.tenants[number] != nil }
    }

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
        let naming = SymmetricKey.random()
        let wrapping = SymmetricKey.random()
        try changingSlots { () throws(StoreError) in
            try file.write([
                try tenantSlot(.naming, tenant: number, version: 0, key: naming),
                try tenantSlot(.wrapping, tenant: number, version: 1, key: wrapping),
            ])
        }
        guard let naming = try? HMACSHA256Key(naming) else { throw StoreError(.engine, "making a naming key") }
        state.withLock {
            $0.tenants[number] = TenantKeys(naming: naming, wrapping: [1: wrapping], currentVersion: 1)
        }
    }

    /// Destroys a tenant's keys: none of its data can be opened, or found, from here on.
    package func destroyTenant(_ number: TenantNumber) throws(StoreError) {
        try changingSlots { () throws(StoreError) in
            try destroySlots { $0.tenant == number && ($0.kind == .naming || $0.kind == .wrapping) }
        }
        state.withLock { state in
            state.tenants[number] = nil
            state.cache.removeAll { $0.tenant == number }
        }
        // The data keys are dead with their wrapping key; their slots are given back.
        try changingSlots { () throws(StoreError) in try destroySlots { $0.tenant == number && $0.kind == .data } }
    }

    private func destroySlots(where isDoomed: (SlotRecord) -> Bool) throws(StoreError) {
        var doomed: [(slot: UInt32, record: SlotRecord)] = []
        try file.forEach { slot, record in
            if isDoomed(record) { doomed.append((slot, record)) }
        }
        try file.write(doomed.map { ($0.slot, $0.record.destroyed) })
        state.withLock { state in
            for (slot, record) in doomed {
                if record.kind == .data {
                    state.index.remove(PartitionAddress(tenant: record.tenant, digest: record.digest), slot: slot)
                }
                state.free.append(slot)
            }
        }
    }

    private func tenantSlot(
        _ kind: SlotRecord.Kind, tenant: TenantNumber, version: UInt32, key: SymmetricKey
    ) throws(StoreError) -> (slot: UInt32, record: SlotRecord) {
        let slot = try takeFreeSlot()
        var record = try file.read(slot)
        record.state = .live
        record.kind = kind
        record.generation += 1
        record.tenant = tenant
        record.digest = [UInt8](repeating: 0, count: 12)
        record.digest.append(bigEndian: version)
        try rewrap(&record, slot: slot, key: key)
        return (slot, record)
    }

    private func rewrap(_ record: inout SlotRecord, slot: UInt32, key: SymmetricKey) throws(StoreError) {
        let master = state.withLock { $0.master.current }
        record.wrappedBy = master.number
        record.wrapped = try Self.wrap(key, by: master.key, context: record.context(slot: slot))
    }

    private static func version(_ record: SlotRecord) -> UInt32 {
        record.digest.suffix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }
}

/// Rotation, while serving. Killed at any point it leaves keys that open everything, and goes on when called again.
extension KeyVault {
    private static let slotsPerStep = 256

    /// Gives a tenant a new wrapping key and re-wraps every data key with it; the old one is destroyed at the end.
    package func rotateWrappingKey(of tenant: TenantNumber) throws(StoreError) {
        guard let keys = state.withLock({ $0.tenants[tenant] }) else { throw StoreError(.engine, "rotating the keys of no tenant") }
        if keys.wrapping.count == 1 {
            let key = SymmetricKey.random()
            let version = keys.currentVersion + 1
            try changingSlots { () throws(StoreError) in
                try file.write([try tenantSlot(.wrapping, tenant: tenant, version: version, key: key)])
                state.withLock { state in
                    state.tenants[tenant]?.wrapping[version] = key
                    state.tenants[tenant]?.currentVersion = version
                }
            }
        }
        // Slots are re-wrapped a step at a time, so that new users wait for a step at most.
        var stale = try staleSlots(of: tenant)
        while !stale.isEmpty {
            for start in stride(from: 0, to: stale.count, by: Self.slotsPerStep) {
                try rewrapStep(stale[start..<min(start + Self.slotsPerStep, stale.count)], of: tenant)
            }
            stale = try staleSlots(of: tenant)
        }
        try dropOldWrappingKeys(of: tenant)
    }

    private func dropOldWrappingKeys(of tenant: TenantNumber) throws(StoreError) {
        let newest = state.withLock { $0.tenants[tenant]?.currentVersion ?? 0 }
        try changingSlots { () throws(StoreError) in
            try destroySlots { $0.tenant == tenant && $0.kind == .wrapping && Self.version($0) != newest }
        }
        state.withLock { state in
            let kept = state.tenants[tenant]?.wrapping.filter { $0.key == newest }
            state.tenants[tenant]?.wrapping = kept ?? [:]
        }
    }

    /// Data slots that are wrapped by an older key. None can be added behind the scan: reserving takes the newest key.
    private func staleSlots(of tenant: TenantNumber) throws(StoreError) -> [UInt32] {
        var slots: [UInt32] = []
        let newest = state.withLock { $0.tenants[tenant]?.currentVersion ?? 0 }
        try file.forEach { slot, record in
            if record.tenant == tenant, record.kind == .data, record.wrappedBy != newest { slots.append(slot) }
        }
        return slots
    }

    private func rewrapStep(_ slots: ArraySlice<UInt32>, of tenant: TenantNumber) throws(StoreError) {
        try changingSlots { () throws(StoreError) in
            guard let keys = state.withLock({ $0.tenants[tenant] }), let wrapping = keys.wrapping[keys.currentVersion] else { return }
            var records: [(slot: UInt32, record: SlotRecord)] = []
            for slot in slots {
                var record = try file.read(slot)
                guard record.tenant == tenant, record.kind == .data, record.wrappedBy != keys.currentVersion else { continue }
                let seal = try state.withLock { state throws(StoreError) in try Self.unwrap(record, slot: slot, in: state) }
                record.wrappedBy = keys.currentVersion
                record.wrapped = try Self.wrap(seal.key, by: wrapping, context: record.context(slot: slot))
                records.append((slot, record))
            }
            try file.write(records)
        }
    }

    /// Puts a new master key into the master key file, re-wraps every tenant's keys with it and drops the old one from the file.
    package func rotateMasterKey() throws(StoreError) {
        try changingSlots { () throws(StoreError) in
            var master = state.withLock { $0.master }
            if master.keys.count == 1 { try master.addKey() }
            var records: [(slot: UInt32, record: SlotRecord)] = []
            try file.forEach { slot, record throws(StoreError) in
                guard record.kind == .naming || record.kind == .wrapping, record.wrappedBy != master.current.number else { return }
                guard let old = master.key(record.wrappedBy), let key = try? old.unwrap(record.wrapped, aad: record.context(slot: slot))
                else { throw StoreError(.damaged, "unwrapping a tenant's key") }
                var record = record
                record.wrappedBy = master.current.number
                record.wrapped = try Self.wrap(key, by: master.current.key, context: record.context(slot: slot))
                records.append((slot, record))
            }
            try file.write(records)
            try master.dropOldKeys()
            state.withLock { $0.master = master }
        }
    }
}
