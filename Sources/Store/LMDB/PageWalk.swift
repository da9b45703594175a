#if canImport(Glibc)
    import Glibc
#endif

/// A walk over every page that an LMDB file's newest meta page leads to, without LMDB: it follows its pages without looking at them, and
/// a damaged one ends the process, or leads it to memory that is somebody else's.
///
/// Layout (`mdb.c` 0.9, 64-bit, little-endian). Page: number 8, padding 2, flags 2, lower 2, upper 2 (or, of an overflow page, its count
/// of pages 4), then the nodes' offsets, 2 each. Node: low 2, high 2, flags 2, key size 2, key, data. Table: padding 4, flags 2, depth 2,
/// pages 24, entries 8, root 8.
package struct PageWalk {
    private static let headBytes = 16
    private static let nodeHeadBytes = 8
    private static let tableBytes = 48
    private static let depthMax = 32
    /// LMDB's bound (`mdb_env_get_maxkeysize`).
    private static let keyBytesMax = 511
    private static let branchFlag: UInt64 = 1
    private static let leafFlag: UInt64 = 2
    private static let overflowFlag: UInt64 = 4
    /// Of a node: its data lies on overflow pages; it is a table.
    private static let bigDataFlag: UInt64 = 1
    private static let tableFlag: UInt64 = 2
    private static let integerKeyFlag: UInt64 = 8
    private static let noPage = UInt64.max

    private let file: Int32
    private let pageBytes: Int
    private let lastPage: UInt64
    /// Pages that something leads to: a second way to one would have a change of the one tree change the other.
    private var reached: [Bool]

    /// - Throws: `.damaged` where a page is not what LMDB writes.
    package static func check(folder: String) throws(StoreError) {
        try MetaPages.check(folder: folder)
        let file = open("\(folder)/data.mdb", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw StoreError(.cannotOpen, "opening the store's file", number: errno) }
        defer { close(file) }
        let pageBytes = Int(sysconf(Int32(_SC_PAGESIZE)))
        let (even, odd) = (try read(pageBytes, of: file, at: 0), try read(pageBytes, of: file, at: pageBytes))
        let meta = integer(even, at: 144, bytes: 8) > integer(odd, at: 144, bytes: 8) ? even : odd
        let mapBytes = integer(meta, at: 32, bytes: 8)
        guard mapBytes <= 4 * UInt64(StoreLimits.mapBytesMax) else { throw damaged }
        let lastPage = integer(meta, at: 136, bytes: 8)
        var walk = PageWalk(
            file: file, pageBytes: pageBytes, lastPage: lastPage, reached: [Bool](repeating: false, count: Int(lastPage) + 1))
        (walk.reached[0], walk.reached[1]) = (true, true)
        try walk.table(Array(meta[88..<(88 + tableBytes)]), is: .ofTables)
        try walk.table(Array(meta[40..<(40 + tableBytes)]), is: .ofFreePages)
    }

    private enum Kind { case ofTables, ofFreePages, ofRecords }

    private mutating func table(_ record: [UInt8], is kind: Kind) throws(StoreError) {
        let (flags, depth) = (Self.integer(record, at: 4, bytes: 2), Self.integer(record, at: 6, bytes: 2))
        let (entries, root) = (Self.integer(record, at: 32, bytes: 8), Self.integer(record, at: 40, bytes: 8))
        guard flags == (kind == .ofFreePages ? Self.integerKeyFlag : 0), depth <= UInt64(Self.depthMax) else { throw Self.damaged }
        if root == Self.noPage {
            guard entries == 0 else { throw Self.damaged }
            return
        }
        guard depth > 0, try page(root, depthLeft: Int(depth) - 1, of: kind) == entries else { throw Self.damaged }
    }

    /// - Returns: the records below a page.
    private mutating func page(_ number: UInt64, depthLeft: Int, of kind: Kind) throws(StoreError) -> UInt64 {
        try reach(number, count: 1)
        let page = try Self.read(pageBytes, of: file, at: Int(number) * pageBytes)
        let (lower, upper) = (Int(Self.integer(page, at: 12, bytes: 2)), Int(Self.integer(page, at: 14, bytes: 2)))
        let isBranch = depthLeft > 0
        guard Self.integer(page, at: 0, bytes: 8) == number,
            Self.integer(page, at: 10, bytes: 2) == (isBranch ? Self.branchFlag : Self.leafFlag),
            lower >= Self.headBytes + (isBranch ? 4 : 2), lower % 2 == 0, lower <= upper, upper <= pageBytes
        else { throw Self.damaged }
        var records: UInt64 = 0
        for place in stride(from: Self.headBytes, to: lower, by: 2) {
            let offset = Int(Self.integer(page, at: place, bytes: 2))
            guard offset >= upper, offset + Self.nodeHeadBytes <= pageBytes else { throw Self.damaged }
            let keyBytes = Int(Self.integer(page, at: offset + 6, bytes: 2))
            let dataStart = offset + Self.nodeHeadBytes + keyBytes
            guard dataStart <= pageBytes else { throw Self.damaged }
            if isBranch {
                // The low, the high and the flags are the number of the page below.
                records += try self.page(Self.integer(page, at: offset, bytes: 6), depthLeft: depthLeft - 1, of: kind)
            } else {
                try leafNode(page, at: offset, dataStart: dataStart, keyBytes: keyBytes, of: kind)
                records += 1
            }
        }
        return records
    }

    private mutating func leafNode(
        _ page: [UInt8], at offset: Int, dataStart: Int, keyBytes: Int, of kind: Kind
    ) throws(StoreError) {
        let (dataBytes, flags) = (Int(Self.integer(page, at: offset, bytes: 4)), Self.integer(page, at: offset + 4, bytes: 2))
        let isBig = flags == Self.bigDataFlag
        guard dataStart + (isBig ? 8 : dataBytes) <= pageBytes, flags == (kind == .ofTables ? Self.tableFlag : isBig ? 1 : 0),
            keyBytes > 0, keyBytes <= Self.keyBytesMax, kind != .ofFreePages || keyBytes == 8
        else { throw Self.damaged }
        if kind == .ofTables {
            guard dataBytes == Self.tableBytes else { throw Self.damaged }
            return try table(Array(page[dataStart..<(dataStart + dataBytes)]), is: .ofRecords)
        }
        var data: [UInt8] = kind == .ofFreePages && !isBig ? Array(page[dataStart..<(dataStart + dataBytes)]) : []
        if isBig {
            let number = Self.integer(page, at: dataStart, bytes: 8)
            try reach(number, count: 1)
            let head = try Self.read(Self.headBytes, of: file, at: Int(number) * pageBytes)
            let count = Self.integer(head, at: 12, bytes: 4)
            guard Self.integer(head, at: 0, bytes: 8) == number, Self.integer(head, at: 10, bytes: 2) == Self.overflowFlag, count > 0,
                dataBytes <= Int(count) * pageBytes - Self.headBytes
            else { throw Self.damaged }
            if count > 1 { try reach(number + 1, count: count - 1) }
            if kind == .ofFreePages { data = try Self.read(dataBytes, of: file, at: Int(number) * pageBytes + Self.headBytes) }
        }
        if kind == .ofFreePages { try freePages(data) }
    }

    /// A list of free pages: how many, then their numbers, the highest first. Nothing that lives may be among them.
    private mutating func freePages(_ list: [UInt8]) throws(StoreError) {
        guard list.count >= 8 else { throw Self.damaged }
        let count = Self.integer(list, at: 0, bytes: 8)
        guard count < UInt64(list.count / 8) else { throw Self.damaged }
        for place in 0..<Int(count) { try reach(Self.integer(list, at: 8 + place * 8, bytes: 8), count: 1) }
    }

    private mutating func reach(_ number: UInt64, count: UInt64) throws(StoreError) {
        guard number > 1, number <= lastPage, count <= lastPage - number + 1 else { throw Self.damaged }
        for page in Int(number)..<Int(number + count) {
            guard !reached[page] else { throw Self.damaged }
            reached[page] = true
        }
    }

    private static func read(_ count: Int, of file: Int32, at offset: Int) throws(StoreError) -> [UInt8] {
        var isWhole = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            initialized = max(0, pread(file, buffer.baseAddress, count, off_t(offset)))
            isWhole = initialized == count
        }
        guard isWhole else { throw damaged }
        return bytes
    }

    private static func integer(_ bytes: [UInt8], at offset: Int, bytes count: Int) -> UInt64 {
        var value: UInt64 = 0
        for place in stride(from: count - 1, through: 0, by: -1) { value = value << 8 | UInt64(bytes[offset + place]) }
        return value
    }

    private static var damaged: StoreError { StoreError(.damaged, "walking over the store's pages") }
}
