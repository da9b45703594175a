import Store

/// A backup's key vault, looked at without opening it: its keys may be wrapped by a former master key.
struct BackupVault {
    private let file: SlotFile
    /// Tenants with a naming key and a wrapping key.
    let tenants: Set<TenantNumber>

    /// - Throws: `.damaged` where a slot has no whole copy, the installation's keys are missing, or a data key's wrapping key is.
    init(folder: String) throws(EngineError) {
        do throws(StoreError) {
            let file = try SlotFile(folder: folder, writes: false)
            var (naming, wrapping, wrappedBy): (Set<TenantNumber>, [TenantNumber: Set<UInt32>], [TenantNumber: Set<UInt32>]) = (
                [], [:], [:]
            )
            try file.forEach { _, record in
                guard record.state != .free else { return }
                switch record.kind {
                case .none: break
                case .naming: naming.insert(record.tenant)
                case .wrapping: wrapping[record.tenant, default: []].insert(KeyVault.version(record))
                case .data: wrappedBy[record.tenant, default: []].insert(record.wrappedBy)
                }
            }
            tenants = naming.filter { wrapping[$0] != nil }
            guard tenants.contains(.installation) else { throw StoreError(.damaged, "looking for the installation's keys") }
            for (tenant, versions) in wrappedBy where tenants.contains(tenant) {
                guard versions.isSubset(of: wrapping[tenant] ?? []) else { throw StoreError(.damaged, "looking for a wrapping key") }
            }
            self.file = file
        } catch {
            throw BackupSums.damaged("its key vault is not whole (\(error))")
        }
    }

    /// Whether a slot held the same key when the backup was made.
    func holds(_ record: SlotRecord, in slot: UInt32) -> Bool {
        guard let old = file.copies(slot).whole, old.state != .free else { return false }
        return old.kind == record.kind && old.generation == record.generation && old.tenant == record.tenant && old.digest == record.digest
    }

    /// Whether a slot that holds the same partition in the same life holds another key: the two were made apart from each other.
    func holdsAnotherKey(_ record: SlotRecord, in slot: UInt32) -> Bool {
        guard let old = file.copies(slot).whole else { return false }
        return old.wrappedBy == record.wrappedBy && old.wrapped != record.wrapped
    }
}
