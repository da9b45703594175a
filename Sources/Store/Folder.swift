#if canImport(Glibc)
    import Glibc
#endif

/// Folders as the store needs them: private to the owner, and on disk before anything in them is relied on.
package enum Folder {
    /// Makes a folder of mode 0700 where there is none, and syncs its parent.
    ///
    /// The parent is synced also where the folder exists: the process that made it may have been killed before it came to that.
    package static func make(_ path: String) throws(StoreError) {
        if mkdir(path, 0o700) == 0 {
            try sync(parent(of: path))
        } else if errno == EEXIST {
            try syncIfPermitted(parent(of: path))
        } else {
            throw StoreError(.cannotOpen, "making a folder", number: errno)
        }
    }

    /// Makes the names in a folder durable.
    package static func sync(_ path: String) throws(StoreError) {
        try sync(path, flags: O_DIRECTORY)
    }

    /// Makes the names in a folder durable, unless this process may not open it or it cannot be synced: then its names are somebody
    /// else's, who made them before us, such as a mount point's.
    package static func syncIfPermitted(_ path: String) throws(StoreError) {
        do throws(StoreError) {
            try sync(path)
        } catch {
            guard [EACCES, EPERM, EROFS, EINVAL, ENOTSUP].contains(error.number) else { throw error }
        }
    }

    /// Makes the content of a file durable.
    static func sync(file path: String) throws(StoreError) {
        try sync(path, flags: 0)
    }

    private static func sync(_ path: String, flags: Int32) throws(StoreError) {
        let file = open(path, O_RDONLY | O_CLOEXEC | flags)
        guard file >= 0 else { throw StoreError(.cannotOpen, "opening what is to be synced", number: errno) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw StoreError(.cannotCommit, "syncing", number: errno) }
    }

    /// The folder that holds what a path names.
    package static func parent(of path: String) -> String {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        let parent = parts.dropLast().joined(separator: "/")
        return path.hasPrefix("/") ? "/" + parent : parent.isEmpty ? "." : parent
    }
}
