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
    borrowing func get(_ key: [UInt8], in table: TableHandle) throws(StoreError) -> RawSpan? {
        let value = try find(key, in: table, handle)
        return _overrideLifetime(value, borrowing: self)
    }

    /// A cursor that lives at most as long as the transaction.
    @_lifetime(borrow self)
    borrowing func cursor(in table: TableHandle) throws(StoreError) -> Cursor {
        try _overrideLifetime(Cursor(transaction: handle, table: table), borrowing: self)
    }
}

extension ReadTransaction {
    /// How many keys start so, at most `limit`.
    borrowing func countKeys(in table: TableHandle, _ range: [UInt8], limit: Int) throws(StoreError) -> Int {
        let cursor = try cursor(in: table)
        var count = 0
        var isThere = try cursor.seek(range)
        while isThere, count < limit, cursor.keyStarts(with: range) {
            count += 1
            isThere = try cursor.next()
        }
        return count
    }
}

/// The value at a key of an open transaction; the caller bounds its life.
@_lifetime(immortal)
func find(_ key: [UInt8], in table: TableHandle, _ transaction: OpaquePointer) throws(StoreError) -> RawSpan? {
    var value = MDB_val()
    let result = withValue(key) { name in
        mdb_get(transaction, table.handle, &name, &value)
    }
    if result == MDB_NOTFOUND { return nil }
    try check(result, "reading an item", otherwise: .damaged)
    try checkLength(value)
    return _overrideLifetime(RawSpan(_unsafeStart: value.mv_data, byteCount: value.mv_size), copying: ())
}

/// A flipped bit in a length must not lead out of the map.
func checkLength(_ value: MDB_val) throws(StoreError) {
    guard value.mv_size <= StoreLimits.recordBytesMax else { throw StoreError(.damaged, "reading a length") }
}

/// Lends bytes to LMDB, which does not change a key.
func withValue<R>(_ bytes: [UInt8], _ body: (inout MDB_val) -> R) -> R {
    bytes.withUnsafeBytes { buffer in
        var value = MDB_val(mv_size: buffer.count, mv_data: UnsafeMutableRawPointer(mutating: buffer.baseAddress))
        return body(&value)
    }
}
