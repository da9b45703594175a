import CLMDB

/// A snapshot of the environment. What it hands out cannot outlive it: the compiler sees to that.
struct ReadTransaction: ~Copyable {
    private let handle: OpaquePointer

    init(_ environment: Environment) throws(StoreError) {
        var handle: OpaquePointer?
        try check(mdb_txn_begin(environment.handle, nil, UInt32(MDB_RDONLY), &handle), "beginning to read")
        guard let handle else { throw StoreError(.engine, "beginning to read") }
        self.handle = handle
    }

    deinit {
        mdb_txn_abort(handle)
    }

    /// The value at a key, in place in the map.
    @_lifetime(borrow self)
    borrowing func get(_ key: [UInt8], in table: MDB_dbi) throws(StoreError) -> RawSpan? {
        let value = try find(key, in: table, handle)
        return _overrideLifetime(value, borrowing: self)
    }

    /// A cursor that lives at most as long as the transaction.
    @_lifetime(borrow self)
    borrowing func cursor(in table: MDB_dbi) throws(StoreError) -> Cursor {
        try _overrideLifetime(Cursor(transaction: handle, table: table), borrowing: self)
    }
}

/// The value at a key of an open transaction; the caller bounds its life.
@_lifetime(immortal)
func find(_ key: [UInt8], in table: MDB_dbi, _ transaction: OpaquePointer) throws(StoreError) -> RawSpan? {
    var value = MDB_val()
    let result = withValue(key) { name in
        mdb_get(transaction, table, &name, &value)
    }
    if result == MDB_NOTFOUND { return nil }
    try check(result, "reading an item", otherwise: .damaged)
    return _overrideLifetime(RawSpan(_unsafeStart: value.mv_data, byteCount: value.mv_size), copying: ())
}

/// Lends bytes to LMDB, which does not change a key.
func withValue<R>(_ bytes: [UInt8], _ body: (inout MDB_val) -> R) -> R {
    bytes.withUnsafeBytes { buffer in
        var value = MDB_val(mv_size: buffer.count, mv_data: UnsafeMutableRawPointer(mutating: buffer.baseAddress))
        return body(&value)
    }
}
