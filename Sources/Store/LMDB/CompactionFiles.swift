#if canImport(Glibc)
    import Glibc
#endif

/// The files of a compaction beside those of the environment in use.
struct CompactionFiles: Sendable {
    private static let dataName = "data.mdb"
    private static let lockName = "lock.mdb"

    /// Of the environment in use.
    let folder: String

    var copyFolder: String { "\(folder)/compacted" }
    private var dataPath: String { "\(folder)/\(Self.dataName)" }
    private var copyPath: String { "\(copyFolder)/\(Self.dataName)" }
    /// What was replaced keeps this name until it is overwritten.
    private var replacedPath: String { "\(folder)/replaced.mdb" }
    /// Empty; it was changed last when a compaction ended last.
    private var markPath: String { "\(folder)/compacted.at" }

    /// - Throws: `.cannotCommit` where the disk has no room for a copy, and for everything else meanwhile.
    func checkRoom(forBytes bytes: Int) throws(StoreError) {
        var disk = statvfs()
        guard statvfs(folder, &disk) == 0 else { throw StoreError(.cannotCommit, "asking for room on the disk", number: errno) }
        guard Int(disk.f_bavail) * Int(disk.f_frsize) >= bytes + StoreLimits.compactionFreeBytesMin else {
            throw StoreError(.cannotCommit, "looking for room for a copy", number: ENOSPC)
        }
    }

    /// The copy had more room than it needed. Its content and size are on disk when this returns.
    func shortenCopy(toBytes bytes: Int) throws(StoreError) {
        guard truncate(copyPath, off_t(bytes)) == 0 else { throw StoreError(.cannotCommit, "shortening a copy", number: errno) }
        try Folder.sync(file: copyPath)
    }

    /// One rename, so that after a crash there is the one file or the other. Nobody may have the environment open. The
    /// folder is to be synced before anything is committed.
    func replace() throws(StoreError) {
        guard link(dataPath, replacedPath) == 0, rename(copyPath, dataPath) == 0 else {
            throw StoreError(.cannotCommit, "putting a copy in its place", number: errno)
        }
        // Somebody who looks at the environment from outside keeps the old one's lock file alive, and with it a wrong number of the last
        // transaction.
        unlink("\(folder)/\(Self.lockName)")
    }

    /// Overwrites and removes what compactions have left, whether or not they finished.
    func erase(_ cancellation: Cancellation) throws(StoreError) {
        // Which of the files is in use must not be in doubt.
        try Folder.sync(folder)
        try LeftoverFile(path: replacedPath, used: dataPath).erase(cancellation)
        try LeftoverFile(path: copyPath, used: dataPath).erase(cancellation)
        unlink("\(copyFolder)/\(Self.lockName)")
        guard rmdir(copyFolder) == 0 || errno == ENOENT else { throw StoreError(.cannotCommit, "removing a folder", number: errno) }
        try Folder.sync(folder)
    }

    /// Sets the time of the last compaction.
    func mark() throws(StoreError) {
        let file = open(markPath, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw StoreError(.cannotCommit, "marking a compaction", number: errno) }
        defer { close(file) }
        futimens(file, nil)
    }

    /// Seconds since 1970; nil: there was none.
    var lastCompactedAt: Int64? {
        var found = stat()
        return stat(markPath, &found) == 0 ? Int64(found.st_mtim.tv_sec) : nil
    }
}
