import Store
import SwiftProtobuf

/// A look at a restore that was made ready and is not in its place yet: every record is opened, and what the backup does not know is
/// told from what it has lost.
struct RestoreCheck {
    let prepared: PreparedRestore
    let backup: BackupVault
    let masterKeyPath: String
    /// Whether the backup's files are, byte for byte, what was backed up.
    let isSealed: Bool
    let now: Timestamp

    /// Destroys, in the keys made ready, those that were made since the backup: nothing in its store opens with them.
    /// - Throws: `.damaged` where a record does not open, or a partition or a tenant of the backup's is missing.
    func run() async throws(EngineError) {
        let engine: (vault: KeyVault, store: LMDBEngine)
        do throws(StoreError) {
            let vault = try KeyVault(folder: prepared.vaultPath, masterKeyPath: masterKeyPath)
            let store = try LMDBEngine(
                LMDBEngine.Configuration(folder: prepared.storePath), vault: vault, now: now.milliseconds)
            engine = (vault, store)
        } catch {
            throw Self.failure(error)
        }
        defer { engine.store.close() }
        let later = try partitionsMadeSince(engine.vault, engine.store)
        do throws(StoreError) {
            // The installation's partitions are never destroyed.
            let own = try engine.store.partitions(of: .installation, after: nil, limit: .max)
            guard own.allSatisfy(engine.vault.mayLive) else { throw StoreError(.damaged, "looking for the installation's data keys") }
            try engine.vault.destroySlots { record in
                record.kind == .data && later.contains(PartitionAddress(tenant: record.tenant, digest: record.digest))
            }
        } catch {
            throw Self.failure(error)
        }
        try await destroyTenantsMadeSince(engine.vault, engine.store)
    }

    /// Opens every record.
    private func partitionsMadeSince(_ vault: KeyVault, _ store: LMDBEngine) throws(EngineError) -> Set<PartitionAddress> {
        var (later, damaged, forked): (Set<PartitionAddress>, Int, Int) = ([], 0, 0)
        do throws(StoreError) {
            try vault.file.forEach { slot, record throws(StoreError) in
                guard record.state == .live, record.kind == .data else { return }
                let address = PartitionAddress(tenant: record.tenant, digest: record.digest)
                // One that the backup's vault does not have may have come to life while the backup was made.
                let census = try store.census(of: address)
                if let census, census.name != nil {
                    damaged += census.faults
                } else if backup.holds(record, in: slot) {
                    if backup.holdsAnotherKey(record, in: slot) { forked += 1 } else { damaged += 1 }
                } else {
                    later.insert(address)
                }
            }
        } catch {
            throw Self.failure(error)
        }
        guard forked == 0 else {
            throw EngineError(
                .conflict, "The backup is not of this folder's past: the two have gone different ways since. Nothing was changed.")
        }
        guard damaged == 0 else { throw BackupSums.damaged("\(damaged) of its records are damaged or missing") }
        return later
    }

    private func destroyTenantsMadeSince(_ vault: KeyVault, _ store: LMDBEngine) async throws(EngineError) {
        let installation = Table(tenant: .installation, engine: store, vault: vault)
        let records = try await installation.all(
            in: Keyspace.partition(.tenants), prefix: "TENANT#", as: TenantRecord.self, now: now)
        let known = Set(records.map { TenantNumber($0.value.number) })
        // A record whose keys are gone is what a crash may leave of a deletion; here it may as well be that the keys were lost.
        let lost = known.subtracting(backup.tenants).filter { vault.hasTenant($0) || !isSealed }
        guard lost.isEmpty else { throw BackupSums.damaged("its key vault lacks the keys of \(lost.count) of its tenants") }
        do throws(StoreError) {
            for tenant in vault.tenantNumbers where tenant != .installation && !known.contains(tenant) {
                try vault.destroyTenant(tenant)
            }
        } catch {
            throw Self.failure(error)
        }
    }

    private static func failure(_ error: StoreError) -> EngineError {
        switch error.code {
        case .damaged: BackupSums.damaged("\(error)")
        default: EngineError(.unavailable, "The backup cannot be opened: \(error). Nothing was changed.")
        }
    }
}
