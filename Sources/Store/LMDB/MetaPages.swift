import CLMDB

#if canImport(Glibc)
    import Glibc
#endif

/// A check of LMDB's two meta pages, which have no checksum: a flipped bit in a transaction number would silently bring back an
/// older state, and of a file that was cut short LMDB would read behind the end, which ends the process.
///
/// LMDB writes them in turn: the page of number p holds a transaction number of parity p, and the two numbers are neighbours.
/// Layout (`lmdb.h` 0.9, `struct MDB_meta` behind a page header of 16 bytes): magic 4, version 4, address 8, map size 8,
/// two tables of 48 bytes, last page 8, transaction 8. The first table's first field is the size of a page.
enum MetaPages {
    private struct Page {
        let pageBytes: UInt32
        let lastPage: UInt64
        let transaction: UInt64
    }

    private static let byteCount = 16 + 24 + 96 + 16

    /// - Throws: `.damaged` also for a file that is shorter than its pages.
    static func check(folder: String) throws(StoreError) {
        let file = open("\(folder)/data.mdb", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw StoreError(.cannotOpen, "opening the store's file", number: errno) }
        defer { close(file) }
        var pages: [Page] = []
        let pageBytes = Int(sysconf(Int32(_SC_PAGESIZE)))
        for number in 0..<2 {
            var bytes = [UInt8](repeating: 0, count: byteCount)
            guard pread(file, &bytes, byteCount, off_t(number * pageBytes)) == byteCount else {
                throw StoreError(.damaged, "reading the meta pages")
            }
            pages.append(page(bytes.span.bytes))
        }
        guard arePlausible(pages[0], pages[1], pageBytes: UInt32(pageBytes)) else { throw StoreError(.damaged, "checking the meta pages") }
        let newest = pages[0].transaction > pages[1].transaction ? pages[0] : pages[1]
        guard newest.lastPage < UInt64(lseek(file, 0, SEEK_END) / off_t(pageBytes)) else {
            throw StoreError(.damaged, "comparing the length of the store's file with its last page")
        }
    }

    private static func page(_ bytes: RawSpan) -> Page {
        Page(
            pageBytes: bytes.unsafeLoadUnaligned(fromByteOffset: 40, as: UInt32.self),
            lastPage: bytes.unsafeLoadUnaligned(fromByteOffset: 136, as: UInt64.self),
            transaction: bytes.unsafeLoadUnaligned(fromByteOffset: 144, as: UInt64.self))
    }

    private static func arePlausible(_ even: Page, _ odd: Page, pageBytes: UInt32) -> Bool {
        guard even.pageBytes == pageBytes, odd.pageBytes == pageBytes else { return false }
        if even.transaction == 0, odd.transaction <= 1 { return true }
        guard even.transaction % 2 == 0, odd.transaction % 2 == 1 else { return false }
        // The file never gets shorter.
        if even.transaction &+ 1 == odd.transaction { return even.lastPage <= odd.lastPage }
        if odd.transaction &+ 1 == even.transaction { return odd.lastPage <= even.lastPage }
        return false
    }
}
