import CLMDB

/// A place among the keys of a table. It cannot outlive its transaction.
struct Cursor: ~Copyable, ~Escapable {
    private let handle: OpaquePointer
    private let place: UnsafeMutablePointer<(key: MDB_val, value: MDB_val)>

    @_lifetime(immortal)
    init(transaction: OpaquePointer, table: TableHandle) throws(StoreError) {
        var handle: OpaquePointer?
        try check(mdb_cursor_open(transaction, table.handle, &handle), "opening a cursor")
        guard let handle else { throw StoreError(.engine, "opening a cursor") }
        self.handle = handle
        place = .allocate(capacity: 1)
        place.initialize(to: (MDB_val(), MDB_val()))
    }

    deinit {
        place.deallocate()
        mdb_cursor_close(handle)
    }

    /// Goes to the first key that is not less than `key`.
    /// - Returns: false where there is none.
    borrowing func seek(_ key: [UInt8]) throws(StoreError) -> Bool {
        let result = withValue(key) { name in
            place.pointee.key = name
            return mdb_cursor_get(handle, &place.pointee.key, &place.pointee.value, MDB_SET_RANGE)
        }
        return try isFound(result)
    }

    /// Goes to the next key.
    /// - Returns: false where there is none.
    borrowing func next() throws(StoreError) -> Bool { try move(MDB_NEXT) }

    /// Goes to the key before.
    /// - Returns: false where there is none.
    borrowing func previous() throws(StoreError) -> Bool { try move(MDB_PREV) }

    /// Goes to the table's last key.
    /// - Returns: false where the table is empty.
    borrowing func last() throws(StoreError) -> Bool { try move(MDB_LAST) }

    private borrowing func move(_ operation: MDB_cursor_op) throws(StoreError) -> Bool {
        try isFound(mdb_cursor_get(handle, &place.pointee.key, &place.pointee.value, operation))
    }

    private borrowing func isFound(_ result: Int32) throws(StoreError) -> Bool {
        if result == MDB_NOTFOUND { return false }
        try check(result, "moving a cursor", otherwise: .damaged)
        try checkLength(place.pointee.value)
        return true
    }

    /// The key of this place.
    var key: [UInt8] {
        Array(UnsafeRawBufferPointer(start: place.pointee.key.mv_data, count: place.pointee.key.mv_size))
    }

    /// Whether the key of this place starts so; without a copy.
    borrowing func keyStarts(with prefix: [UInt8]) -> Bool {
        let key = place.pointee.key
        guard key.mv_size >= prefix.count, let start = key.mv_data else { return false }
        return prefix.withUnsafeBytes { buffer in buffer.baseAddress.map { memcmp(start, $0, buffer.count) == 0 } ?? true }
    }

    /// The value of this place, in the map.
    var value: RawSpan {
        @_lifetime(borrow self)
        borrowing get {
            let span = RawSpan(_unsafeStart: place.pointee.value.mv_data, byteCount: place.pointee.value.mv_size)
            return _overrideLifetime(span, borrowing: self)
        }
    }
}
