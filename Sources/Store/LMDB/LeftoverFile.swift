#if canImport(Glibc)
    import Glibc
#endif

/// A file with sealed records that has served its time. Removed alone, its blocks would stay on the disk with what they hold.
struct LeftoverFile {
    /// `lseek(2)`; the header has them for GNU sources only.
    static let seekData: Int32 = 3
    private static let seekHole: Int32 = 4

    let path: String
    /// The file in use. A crash may have left both names with one file, which then only loses a name.
    let used: String

    /// Overwrites it in place, as far as it has ever been written, and removes it. Does nothing where there is none.
    /// - Throws: `.busy` where it was cancelled: it stays, to be erased another time.
    func erase(_ cancellation: Cancellation) throws(StoreError) {
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else {
            guard errno == ENOENT else { throw StoreError(.cannotCommit, "opening a leftover file", number: errno) }
            return
        }
        defer { close(file) }
        if try !isUsed(file) { try overwrite(file, cancellation) }
        guard unlink(path) == 0 else { throw StoreError(.cannotCommit, "removing a leftover file", number: errno) }
    }

    private func isUsed(_ file: Int32) throws(StoreError) -> Bool {
        var (own, other) = (stat(), stat())
        guard fstat(file, &own) == 0 else { throw StoreError(.cannotCommit, "looking at a leftover file", number: errno) }
        guard stat(used, &other) == 0 else {
            guard errno == ENOENT else { throw StoreError(.cannotCommit, "looking at the file in use", number: errno) }
            return false
        }
        return own.st_dev == other.st_dev && own.st_ino == other.st_ino
    }

    private func overwrite(_ file: Int32, _ cancellation: Cancellation) throws(StoreError) {
        var start = lseek(file, 0, Self.seekData)
        while start >= 0 {
            let end = lseek(file, start, Self.seekHole)
            guard end > start else { throw StoreError(.cannotCommit, "reading a leftover file", number: errno) }
            try overwrite(file, from: start, to: end, cancellation)
            start = lseek(file, end, Self.seekData)
        }
        guard errno == ENXIO else { throw StoreError(.cannotCommit, "reading a leftover file", number: errno) }
    }

    /// In small steps, each synced, so that the writer's commits come in between.
    private func overwrite(_ file: Int32, from start: off_t, to end: off_t, _ cancellation: Cancellation) throws(StoreError) {
        let zeros = [UInt8](repeating: 0, count: StoreLimits.overwrittenBytesPerStep)
        var start = start
        while start < end {
            try cancellation.check()
            let count = pwrite(file, zeros, min(zeros.count, Int(end - start)), start)
            guard count > 0, fdatasync(file) == 0 else {
                throw StoreError(.cannotCommit, "overwriting a leftover file", number: errno)
            }
            start += off_t(count)
        }
    }
}
