import AttuneCrypto
package import Store
import Synchronization

/// Rotation, while serving. Killed at any point it leaves keys that open everything, and goes on when called again.
extension KeyVault {
    /// Gives a tenant a new wrapping key and re-wraps every data key with it; the old one is destroyed at the end.
    package func rotateWrappingKey(of tenant: TenantNumber) throws(StoreError) {
        let newest = try changingSlots { () throws(StoreError) in try newWrappingVersion(of: tenant) }
        // None can be added behind the scan: reserving takes the newest key.
        let stale = try slots { $0.tenant == tenant && $0.kind == .data && $0.wrappedBy != newest }
        try forEachStep(of: stale) { slots throws(StoreError) in try rewrap(slots, of: tenant) }
        try destroySlots { $0.tenant == tenant && $0.kind == .wrapping && Self.version($0) < newest }
        state.withLock { state in
            let kept = state.tenants[tenant]?.wrapping.filter { $0.key >= newest }
            state.tenants[tenant]?.wrapping = kept ?? [:]
        }
    }

    /// Makes the key to re-wrap with, where no earlier rotation is to be finished first. To be called while changing slots.
    private func newWrappingVersion(of tenant: TenantNumber) throws(StoreError) -> UInt32 {
        guard var keys = state.withLock({ $0.tenants[tenant] }) else { throw StoreError(.engine, "rotating the keys of no tenant") }
        guard keys.wrapping.count == 1 else { return keys.currentVersion }
        // A version is tried once: what a failed write has left of one must not be taken for another.
        keys.lastVersion += 1
        let tried = keys
        state.withLock { $0.tenants[tenant] = tried }
        let key = SymmetricKey.random()
        try addTenantSlots([(.wrapping, tried.lastVersion, key)], of: tenant)
        state.withLock { state in
            state.tenants[tenant]?.wrapping[tried.lastVersion] = key
            state.tenants[tenant]?.currentVersion = tried.lastVersion
        }
        return tried.lastVersion
    }

    private func rewrap(_ slots: ArraySlice<UInt32>, of tenant: TenantNumber) throws(StoreError) {
        guard let keys = state.withLock({ $0.tenants[tenant] }), let wrapping = keys.wrapping[keys.currentVersion] else { return }
        var records: [(slot: UInt32, record: SlotRecord)] = []
        for slot in slots {
            var record = try file.read(slot)
            guard record.tenant == tenant, record.kind == .data else { continue }
            if record.wrappedBy != keys.currentVersion {
                let seal = try state.withLock { state throws(StoreError) in try Self.unwrap(record, slot: slot, in: state) }
                record.wrappedBy = keys.currentVersion
                record.wrapped = try Self.wrap(seal.key, by: wrapping, context: record.context(slot: slot))
            }
            records.append((slot, record))
        }
        try file.write(records)
    }

    /// Puts a new master key into the master key file, re-wraps every tenant's keys with it and drops the old one from the file.
    package func rotateMasterKey() throws(StoreError) {
        let newest = try changingSlots { () throws(StoreError) in
            var master = state.withLock { $0.master }
            if master.keys.count == 1 { try master.addKey() }
            let present = master
            state.withLock { $0.master = present }
            return present.current.number
        }
        let stale = try slots { ($0.kind == .naming || $0.kind == .wrapping) && $0.wrappedBy != newest }
        try forEachStep(of: stale) { slots throws(StoreError) in try rewrapTenantKeys(slots) }
        try changingSlots { () throws(StoreError) in
            var master = state.withLock { $0.master }
            try master.dropOldKeys()
            let present = master
            state.withLock { $0.master = present }
        }
    }

    private func rewrapTenantKeys(_ slots: ArraySlice<UInt32>) throws(StoreError) {
        let master = state.withLock { $0.master }
        var records: [(slot: UInt32, record: SlotRecord)] = []
        for slot in slots {
            var record = try file.read(slot)
            guard record.kind == .naming || record.kind == .wrapping else { continue }
            if record.wrappedBy != master.current.number {
                guard let old = master.key(record.wrappedBy), let key = try? old.unwrap(record.wrapped, aad: record.context(slot: slot))
                else { throw StoreError(.damaged, "unwrapping a tenant's key") }
                record.wrappedBy = master.current.number
                record.wrapped = try Self.wrap(key, by: master.current.key, context: record.context(slot: slot))
            }
            records.append((slot, record))
        }
        try file.write(records)
    }
}
