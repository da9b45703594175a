/// Upkeep on the writer's thread, between commits.
extension LMDBEngine {
    package func sweepExpired(now: Int64) async throws(StoreError) -> Int {
        try await alone { loop throws(StoreError) in try loop.sweep(now: now) }
    }

    /// Writes a compacted copy of the environment into an empty folder while others read and write.
    ///
    /// `first` runs on the writer's thread before, between two commits: whatever the copy holds beyond that moment is newer.
    package func backUp(toFolder folder: String, first: @escaping @Sendable () throws(StoreError) -> Void) async throws(StoreError) {
        try await alone { _ throws(StoreError) in try first() }
        try Folder.make(folder)
        try gate.read { environment throws(StoreError) in try environment.copy(toFolder: folder) }
        try Folder.sync(file: "\(folder)/data.mdb")
        try Folder.sync(folder)
    }

    /// Whether the store can commit: does nothing where the last commit went well, otherwise opens anew and commits.
    package func probe() async throws(StoreError) {
        try await alone { loop throws(StoreError) in try loop.probe() }
    }
}
