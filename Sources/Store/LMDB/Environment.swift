import CLMDB

#if canImport(Glibc)
    import Glibc
#endif

/// An open LMDB environment with Attune's three tables.
///
/// Sendable: an `MDB_env` may be used by any thread as long as each transaction stays on one thread at a time (`MDB_NOTLS`).
/// Growing and closing it are undefined while transactions live; `ReadGate` keeps those apart.
package final class Environment: Sendable {
    /// Never `MDB_NOSYNC`, `MDB_NOMETASYNC`, `MDB_MAPASYNC` or `MDB_WRITEMAP`: with them power failures lose acknowledged writes.
    private static let flags = UInt32(MDB_NOTLS | MDB_NORDAHEAD)

    nonisolated(unsafe) let handle: OpaquePointer
    package let items: TableHandle
    /// (expiresAt, physical key) → nothing: what expires, in the order of time.
    let expiry: TableHandle
    let meta: TableHandle
    private let freshPages: FreshPages

    /// - Parameter mapBytes: address space to reserve at least; a larger file gets as much as it has.
    package init(path: String, mapBytes: Int) throws(StoreError) {
        var handle: OpaquePointer?
        try check(mdb_env_create(&handle), "creating the environment")
        guard let handle else { throw StoreError(.cannotOpen, "creating the environment") }
        do throws(StoreError) {
            try check(mdb_env_set_maxdbs(handle, 3), "setting the number of tables")
            try check(mdb_env_set_maxreaders(handle, StoreLimits.readersMax), "setting the number of readers")
            try check(mdb_env_set_mapsize(handle, mapBytes), "setting the size of the map")
            try check(mdb_env_open(handle, path, Self.flags, 0o600), "opening the environment", otherwise: .cannotOpen)
            (items, expiry, meta) = try Self.openTables(handle)
            Self.extendFile(handle)
        } catch {
            mdb_env_close(handle)
            throw error
        }
        self.handle = handle
        freshPages = FreshPages(path: "\(path)/data.mdb", used: Self.extent(handle).usedBytes)
    }

    /// To be called before a transaction that writes.
    func seeToFreshPages() { freshPages.see(behind: extent.usedBytes) }

    /// Makes the tables in an environment that nothing has ever been committed to. In any other they must be there: made anew they
    /// would hide that they were lost.
    private static func openTables(_ environment: OpaquePointer) throws(StoreError) -> (TableHandle, TableHandle, TableHandle) {
        var info = MDB_envinfo()
        mdb_env_info(environment, &info)
        let flags = info.me_last_txnid == 0 ? UInt32(MDB_CREATE) : 0
        var transaction: OpaquePointer?
        try check(mdb_txn_begin(environment, nil, 0, &transaction), "beginning to open the tables")
        var tables: [TableHandle] = []
        for name in TableHandle.Name.allCases {
            var table: MDB_dbi = 0
            let result = mdb_dbi_open(transaction, name.rawValue, flags, &table)
            guard result == MDB_SUCCESS else {
                mdb_txn_abort(transaction)
                throw StoreError(.cannotOpen, "opening the tables", number: result)
            }
            tables.append(TableHandle(name: name, handle: table))
        }
        try check(mdb_txn_commit(transaction), "committing the tables", otherwise: .cannotOpen)
        return (tables[0], tables[1], tables[2])
    }

    /// Makes the file as long as the map, without taking room on the disk: behind the end of a file a map cannot be read, and a flipped
    /// bit in the last pages must not lead there. Where the system refuses, nothing else is lost.
    private static func extendFile(_ environment: OpaquePointer) {
        var file: mdb_filehandle_t = -1
        var info = MDB_envinfo()
        mdb_env_info(environment, &info)
        guard mdb_env_get_fd(environment, &file) == MDB_SUCCESS else { return }
        let size = lseek(file, 0, SEEK_END)
        if size >= 0, size < info.me_mapsize { ftruncate(file, info.me_mapsize) }
    }

    /// Size of the map and the part of it that has ever been used, in bytes.
    var extent: (mapBytes: Int, usedBytes: Int) { Self.extent(handle) }

    private static func extent(_ environment: OpaquePointer) -> (mapBytes: Int, usedBytes: Int) {
        var info = MDB_envinfo()
        var statistics = MDB_stat()
        mdb_env_info(environment, &info)
        mdb_env_stat(environment, &statistics)
        return (info.me_mapsize, (info.me_last_pgno + 1) * Int(statistics.ms_psize))
    }

    func table(_ name: TableHandle.Name) -> TableHandle {
        switch name {
        case .items: items
        case .expiry: expiry
        case .meta: meta
        }
    }

    /// The part of the pages ever used that holds nothing now, 0 to 1.
    var freeShare: Double {
        var transaction: OpaquePointer?
        guard mdb_txn_begin(handle, nil, UInt32(MDB_RDONLY), &transaction) == MDB_SUCCESS else { return 0 }
        defer { mdb_txn_abort(transaction) }
        var (info, live) = (MDB_envinfo(), 2)
        mdb_env_info(handle, &info)
        for name in TableHandle.Name.allCases {
            var statistics = MDB_stat()
            mdb_stat(transaction, table(name).handle, &statistics)
            live += statistics.ms_branch_pages + statistics.ms_leaf_pages + statistics.ms_overflow_pages
        }
        return max(0, 1 - Double(live) / Double(info.me_last_pgno + 1))
    }

    /// Records in the table of items, headers included.
    package var itemCount: Int {
        var transaction: OpaquePointer?
        var statistics = MDB_stat()
        guard mdb_txn_begin(handle, nil, UInt32(MDB_RDONLY), &transaction) == MDB_SUCCESS else { return 0 }
        mdb_stat(transaction, items.handle, &statistics)
        mdb_txn_abort(transaction)
        return statistics.ms_entries
    }

    /// Makes the map larger, or smaller down to what is used. Undefined while any transaction of the environment lives.
    func resizeMap(toBytes bytes: Int) throws(StoreError) {
        try check(mdb_env_set_mapsize(handle, bytes), "resizing the map", otherwise: .cannotCommit)
        Self.extendFile(handle)
    }

    /// Writes a compacted copy into an empty folder, while others read and write.
    func copy(toFolder path: String) throws(StoreError) {
        try check(mdb_env_copy2(handle, path, UInt32(MDB_CP_COMPACT)), "copying the environment")
    }

    /// Undefined while any transaction of the environment lives.
    package func close() {
        mdb_env_close(handle)
    }
}

/// Turns LMDB's error numbers into errors that say what the caller can do.
func check(_ result: Int32, _ operation: StaticString, otherwise code: StoreError.Code = .engine) throws(StoreError) {
    switch result {
    case MDB_SUCCESS: return
    case MDB_MAP_FULL, ENOSPC, EIO, EDQUOT, EFBIG: throw StoreError(.cannotCommit, operation, number: result)
    case MDB_CORRUPTED, MDB_PAGE_NOTFOUND, MDB_BAD_TXN, MDB_PANIC: throw StoreError(.damaged, operation, number: result)
    default: throw StoreError(code, operation, number: result)
    }
}
