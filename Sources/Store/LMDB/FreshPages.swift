import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Has the pages of a file that have never been used in the page cache, one by one, before they are written for the first time.
///
/// LMDB writes neighbouring pages with one call, and for that Linux keeps them in one large folio (ext4 does since 6.16). From then on
/// every page of it that is written and synced costs a walk over the whole folio: measured 15 µs a page in folios of 256 KB, 5 µs in
/// those of one page. Pages that are in the cache already stay as they are.
///
/// LMDB warns of other descriptors of its files, for closing one drops the locks of its process: those lie on `lock.mdb`, not on this one.
final class FreshPages: Sendable {
    /// Where the pages end that have been seen to, in bytes.
    private let end: Mutex<Int>
    private let file: Int32

    /// - Parameter used: where the pages that have been used end, in bytes.
    init(path: String, used: Int) {
        end = Mutex(used)
        file = open(path, O_RDONLY | O_CLOEXEC)
        // One page at a time: reading ahead would bring large folios in.
        if file >= 0 { posix_fadvise(file, 0, 0, POSIX_FADV_RANDOM) }
    }

    deinit {
        if file >= 0 { close(file) }
    }

    /// Sees to the pages that the next transactions will use. Where the system refuses, nothing but time is lost.
    func see(behind used: Int) {
        end.withLock { end in
            guard file >= 0, end < used + StoreLimits.freshBytesMin else { return }
            end = max(end, used)
            // Holes cost nothing to read. In a file that was copied without them the disk would be read.
            let data = lseek(file, off_t(end), LeftoverFile.seekData)
            guard data < 0 || data >= used + 2 * StoreLimits.freshBytesMin else { return end = used + 2 * StoreLimits.freshBytesMin }
            var byte: UInt8 = 0
            while end < used + 2 * StoreLimits.freshBytesMin, pread(file, &byte, 1, off_t(end)) == 1 { end += 4096 }
        }
    }
}
