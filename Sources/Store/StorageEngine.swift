/// A table of sealed items under (tenant, PK, SK). `Tests/StoreTests/Conformance` says, in tests, what an engine must do.
package protocol StorageEngine: Sendable {
    /// The item; nil where there is none or it has expired by `now` (milliseconds since 1970).
    func get(_ key: ItemKey, now: Int64) async throws(StoreError) -> Item?

    /// Several items as they are at one moment, in the order of the keys; nil as in `get(_:now:)`.
    /// - Parameter keys: at most `StoreLimits.itemsPerTransactionMax`.
    func get(_ keys: [ItemKey], now: Int64) async throws(StoreError) -> [Item?]

    /// Items of a partition whose sort keys start with `prefix`, in order of their bytes.
    /// - Parameters:
    ///   - after: only sort keys behind this one: the last of the page before.
    ///   - limit: 1 to `StoreLimits.itemsPerQueryMax`.
    func query(
        _ partition: PartitionKey, prefix: [UInt8], after: [UInt8]?, limit: Int, now: Int64
    ) async throws(StoreError) -> [QueriedItem]

    /// Runs a transaction and returns when it is on disk (or its function has discarded it).
    func write<Output>(_ transaction: Transaction<Output>, now: Int64) async throws(StoreError) -> Output

    /// Runs several transactions, each for itself and in this order, and returns when all are on disk: with one commit where that has room
    /// for them. Where they do not all find room to wait, none is run and each gets `.busy`.
    func write<Output>(_ transactions: [Transaction<Output>], now: Int64) async -> [Result<Output, StoreError>]

    /// Deletes items that have expired by `now`, a bounded number of them.
    /// - Returns: how many; 0 when none is left.
    func sweepExpired(now: Int64) async throws(StoreError) -> Int

    /// Deletes what is left of a partition whose key is destroyed, a bounded number of items. One that lives is left alone.
    /// - Returns: how many; 0 when none is left.
    func sweepDestroyed(_ partition: PartitionAddress) async throws(StoreError) -> Int
}
