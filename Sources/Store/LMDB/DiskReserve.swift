#if canImport(Glibc)
    import Glibc
#endif

/// A file that holds room on the disk and nothing else: when the disk is full it is given up, so that what only deletes still goes through.
///
/// Until it can be made again nothing else is written, otherwise the room would be gone before the deletion had it.
struct DiskReserve {
    private let path: String
    private(set) var isSpent = false

    init(folder: String) {
        path = "\(folder)/reserve"
        // Where there is no room for it, the store is as full as can be, and opens.
        isSpent = !make()
    }

    /// - Throws: `.cannotCommit` for a write that may not use the reserve while it is spent and there is no room for a new one.
    mutating func admit(mayUseReserve: Bool) throws(StoreError) {
        guard isSpent, !mayUseReserve else { return }
        guard make() else { throw StoreError(.cannotCommit, "keeping room for deletions", number: ENOSPC) }
        isSpent = false
    }

    /// Gives the room up.
    /// - Returns: false where it is spent already.
    mutating func spend() -> Bool {
        guard !isSpent, unlink(path) == 0 else { return false }
        isSpent = true
        return true
    }

    private func make() -> Bool {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { return false }
        defer { close(file) }
        guard posix_fallocate(file, 0, off_t(StoreLimits.diskReserveBytes)) == 0, fsync(file) == 0 else {
            unlink(path)
            return false
        }
        return true
    }
}
