import CLMDB

#if canImport(Glibc)
    import Glibc
#endif

/// A check of LMDB's two meta pages, which have no checksum: a flipped bit in a transaction number would silently bring back an
/// older state.
///
/// LMDB writes them in turn: the page of number p holds a transaction number of parity p, and the two numbers are neighbours.
/// Layout (`lmdb.h` 0.9, `struct MDB_meta` behind a page header of 16 bytes): magic 4, version 4, address 8, map size 8,
/// two tables of 48 bytes, last page 8, transaction 8.
enum MetaPages {
    private static let transactionOffset = 16 + 24 + 96 + 8

    static func check(folder: String) throws(StoreError) {
        let file = open("\(folder)/data.mdb", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        defer { close(file) }
        var numbers: [UInt64] = []
        for page in 0..<2 {
            var number: UInt64 = 0
            let offset = off_t(page * Int(sysconf(Int32(_SC_PAGESIZE))) + transactionOffset)
            guard pread(file, &number, 8, offset) == 8 else { return }
            numbers.append(number)
        }
        let isNew = numbers == [0, 0] || numbers == [0, 1]
        let areNeighbours = numbers[0] &+ 1 == numbers[1] || numbers[1] &+ 1 == numbers[0]
        guard isNew || (numbers[0] % 2 == 0 && numbers[1] % 2 == 1 && areNeighbours) else {
            throw StoreError(.damaged, "checking the meta pages")
        }
    }
}
