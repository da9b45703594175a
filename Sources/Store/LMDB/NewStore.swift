#if canImport(Glibc)
    import Glibc
#endif

/// The first file of a store. It is made in a folder of its own and gets its final name when it is whole and on disk: after a crash at
/// any moment there is no store, or a whole one.
///
/// LMDB makes a file under its final name, writes its first pages without a sync, and never syncs the name.
struct NewStore {
    /// Of the environment.
    let folder: String

    private var unfinishedFolder: String { "\(folder)/new" }
    private var unfinishedPath: String { "\(unfinishedFolder)/data.mdb" }
    private var dataPath: String { "\(folder)/data.mdb" }

    /// Whether there is a store. An empty file is none: nothing was ever written to it.
    var exists: Bool {
        var status = stat()
        return stat(dataPath, &status) == 0 && status.st_size > 0
    }

    /// Makes the store where there is none, in the present format, and removes what a crash has left of an earlier attempt.
    func makeIfMissing(mapBytes: Int) throws(StoreError) {
        try removeUnfinished()
        guard !exists else { return }
        try Folder.make(unfinishedFolder)
        try fill(mapBytes: mapBytes)
        try Folder.sync(file: unfinishedPath)
        guard rename(unfinishedPath, dataPath) == 0 else { throw StoreError(.cannotOpen, "naming a new store", number: errno) }
        try Folder.sync(folder)
        try removeUnfinished()
    }

    private func fill(mapBytes: Int) throws(StoreError) {
        let environment = try Environment(path: unfinishedFolder, mapBytes: mapBytes)
        defer { environment.close() }
        try Format.bringUpToDate(environment)
    }

    /// Nothing of what lies there has ever been answered to anybody, so names are removed and no content is overwritten: after a power
    /// failure the file in use may have a second name there.
    private func removeUnfinished() throws(StoreError) {
        for name in ["data.mdb", "lock.mdb"] { unlink("\(unfinishedFolder)/\(name)") }
        guard rmdir(unfinishedFolder) == 0 || errno == ENOENT else {
            throw StoreError(.cannotOpen, "removing an unfinished store", number: errno)
        }
    }
}
