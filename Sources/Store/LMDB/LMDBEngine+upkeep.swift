#if canImport(Glibc)
    import Glibc
#endif

/// Upkeep on the writer's thread, between commits.
extension LMDBEngine {
    package func sweepExpired(now: Int64) async throws(StoreError) -> Int {
        try await alone { loop throws(StoreError) in try loop.sweep(now: now) }
    }

    /// Deletes items of tenants that are gone, at most `StoreLimits.goneItemsPerSweepMax`, so that their pages are used again.
    /// - Returns: how many; 0 when none is left.
    package func sweepGoneTenants() async throws(StoreError) -> Int {
        guard let tenant = try firstGoneTenant() else { return 0 }
        return try await alone { loop throws(StoreError) in try loop.sweep(tenant) }
    }

    package func sweepDestroyed(_ partition: PartitionAddress) async throws(StoreError) -> Int {
        try await alone { loop throws(StoreError) in try loop.sweep(partition) }
    }

    /// Goes from tenant to tenant, not over their items.
    private func firstGoneTenant() throws(StoreError) -> TenantNumber? {
        try gate.read { environment throws(StoreError) in
            let transaction = try ReadTransaction(environment)
            let cursor = try transaction.cursor(in: environment.items)
            var isThere = try cursor.seek([0])
            while isThere {
                // A damaged key is passed over: it hides no tenant, for there is the header of each of its partitions.
                guard let tenant = try? PhysicalKey(decoding: cursor.key).address.tenant else {
                    isThere = try cursor.next()
                    continue
                }
                if vault.isGone(tenant) { return tenant }
                guard tenant.value < .max else { return nil }
                isThere = try cursor.seek(PhysicalKey.start(of: TenantNumber(tenant.value + 1)))
            }
            return nil
        }
    }

    /// Writes a compacted copy of the environment into an empty folder while others read and write.
    ///
    /// `first` runs on the writer's thread before, between two commits: whatever the copy holds beyond that moment is newer.
    package func backUp(toFolder folder: String, first: @escaping @Sendable () throws(StoreError) -> Void) async throws(StoreError) {
        try await alone { _ throws(StoreError) in try first() }
        try Folder.make(folder)
        try gate.read { environment throws(StoreError) in try environment.copy(toFolder: folder) }
        // LMDB makes the file as the umask has it.
        guard chmod("\(folder)/data.mdb", 0o600) == 0 else { throw StoreError(.cannotCommit, "narrowing a copy's mode", number: errno) }
        try Folder.sync(file: "\(folder)/data.mdb")
        try Folder.sync(folder)
    }

    /// Whether the store can commit: does nothing where the last commit went well, otherwise opens anew and commits.
    package func probe() async throws(StoreError) {
        try await alone { loop throws(StoreError) in try loop.probe() }
    }

    /// Whether the store can commit, found out by a commit: for whoever wants to know, and not for each of many requests.
    package func prove() async throws(StoreError) {
        try await alone { loop throws(StoreError) in try loop.prove() }
    }
}
