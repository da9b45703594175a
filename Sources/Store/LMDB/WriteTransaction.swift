import CLMDB

/// The one write transaction of the environment: committed at most once, aborted otherwise.
package struct WriteTransaction: ~Copyable {
    private let handle: OpaquePointer
    unowned(unsafe) private let journal: ChangeJournal?

    /// - Parameter journal: is told of every key that changes. It outlives the transaction.
    init(_ environment: Environment, journal: ChangeJournal? = nil) throws(StoreError) {
        environment.seeToFreshPages()
        var handle: OpaquePointer?
        try check(mdb_txn_begin(environment.handle, nil, 0, &handle), "beginning to write", otherwise: .cannotCommit)
        guard let handle else { throw StoreError(.engine, "beginning to write") }
        self.handle = handle
        self.journal = journal
    }

    deinit {
        mdb_txn_abort(handle)
    }

    package mutating func put(_ key: [UInt8], _ value: [UInt8], in table: TableHandle) throws(StoreError) {
        journal?.note(key, in: table.name)
        try put(key, value, in: table, flags: 0)
    }

    /// Puts a key that is greater than every key of the table, so that its pages are filled one after another.
    mutating func append(_ key: [UInt8], _ value: [UInt8], in table: TableHandle) throws(StoreError) {
        try put(key, value, in: table, flags: UInt32(MDB_APPEND))
    }

    private mutating func put(_ key: [UInt8], _ value: [UInt8], in table: TableHandle, flags: UInt32) throws(StoreError) {
        let result = withValue(key) { name in
            withValue(value) { content in mdb_put(handle, table.handle, &name, &content, flags) }
        }
        try check(result, "writing an item")
    }

    /// Deletes a key, which may be absent.
    mutating func delete(_ key: [UInt8], in table: TableHandle) throws(StoreError) {
        journal?.note(key, in: table.name)
        let result = withValue(key) { name in mdb_del(handle, table.handle, &name, nil) }
        if result == MDB_NOTFOUND { return }
        try check(result, "deleting an item")
    }

    /// Keys that start so, in order, at most `limit`.
    package borrowing func keys(startingWith range: [UInt8], in table: TableHandle, limit: Int) throws(StoreError) -> [[UInt8]] {
        let cursor = try Cursor(transaction: handle, table: table)
        var keys: [[UInt8]] = []
        var isThere = try cursor.seek(range)
        while isThere, keys.count < limit, cursor.keyStarts(with: range) {
            keys.append(cursor.key)
            isThere = try cursor.next()
        }
        return keys
    }

    /// Makes everything durable. When it throws, the environment is in doubt and must be opened anew.
    consuming func commit() throws(StoreError) {
        let handle = handle
        discard self
        try check(mdb_txn_commit(handle), "committing", otherwise: .cannotCommit)
    }
}
