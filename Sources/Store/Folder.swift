#if canImport(Glibc)
    import Glibc
#endif

/// Folders as the store needs them: private to the owner, and on disk when made.
package enum Folder {
    /// Makes a folder of mode 0700 where there is none, and syncs its parent.
    package static func make(_ path: String) throws(StoreError) {
        if mkdir(path, 0o700) == 0 {
            try sync(parent(of: path))
        } else if errno != EEXIST {
            throw StoreError(.cannotOpen, "making a folder", number: errno)
        }
    }

    /// Makes the names in a folder durable.
    package static func sync(_ path: String) throws(StoreError) {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw StoreError(.cannotOpen, "opening a folder", number: errno) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw StoreError(.cannotOpen, "syncing a folder", number: errno) }
    }

    private static func parent(of path: String) -> String {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        let parent = parts.dropLast().joined(separator: "/")
        return path.hasPrefix("/") ? "/" + parent : parent.isEmpty ? "." : parent
    }
}
