import CLMDB

/// One of an environment's tables.
package struct TableHandle: Sendable {
    let handle: MDB_dbi
}
