import CLMDB

/// One of an environment's tables.
package struct TableHandle: Sendable {
    /// Names that are the same in every environment, as handles need not be.
    enum Name: String, CaseIterable {
        case items, expiry, meta
    }

    let name: Name
    let handle: MDB_dbi
}
