#if canImport(Glibc)
    import Glibc
#endif

/// The file that a compacted one took the place of. Removed alone, its blocks would stay on the disk with what they hold.
enum ReplacedFile {
    /// `lseek(2)`; the header has them for GNU sources only.
    private static let seekData: Int32 = 3
    private static let seekHole: Int32 = 4

    static func path(in folder: String) -> String { "\(folder)/replaced.mdb" }

    /// Overwrites it in place, as far as it has ever been written, and removes it. Does nothing where there is none.
    static func erase(in folder: String) throws(StoreError) {
        let file = open(path(in: folder), O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        defer { close(file) }
        var start = lseek(file, 0, seekData)
        while start >= 0 {
            var end = lseek(file, start, seekHole)
            if end < 0 { end = lseek(file, 0, SEEK_END) }
            try overwrite(file, from: start, to: end)
            start = lseek(file, end, seekData)
        }
        unlink(path(in: folder))
        try Folder.sync(folder)
    }

    /// In small steps, each synced, so that the writer's commits come in between.
    private static func overwrite(_ file: Int32, from start: off_t, to end: off_t) throws(StoreError) {
        let zeros = [UInt8](repeating: 0, count: StoreLimits.overwrittenBytesPerStep)
        var start = start
        while start < end {
            let count = pwrite(file, zeros, min(zeros.count, Int(end - start)), start)
            guard count > 0, fdatasync(file) == 0 else {
                throw StoreError(.cannotCommit, "overwriting what was replaced", number: errno)
            }
            start += off_t(count)
        }
    }
}
