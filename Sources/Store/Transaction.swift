/// A change of the table: the items that it reads or writes, and a pure function from what they hold to what they shall hold.
///
/// The engine may run the function more than once and keeps the last run only.
package struct Transaction<Output: Sendable>: Sendable {
    package let keys: [ItemKey]
    package let body: @Sendable (inout Draft) -> Verdict<Output>

    /// - Parameter keys: at most `StoreLimits.itemsPerTransactionMax`, without duplicates; no others can be read or written.
    package init(_ keys: [ItemKey], body: @escaping @Sendable (inout Draft) -> Verdict<Output>) {
        self.keys = keys
        self.body = body
    }
}

/// How a transaction's function ends.
package enum Verdict<Output: Sendable>: Sendable {
    /// Commit the draft and answer.
    case commit(Output)
    /// Leave everything as it is and answer.
    case discard(Output)
}

/// What a transaction's items hold, and shall hold.
package struct Draft: Sendable {
    /// The version that the items written here get.
    package let version: UInt64
    private var items: [ItemKey: Item?]
    private(set) var changes: [ItemKey: Item?] = [:]

    init(version: UInt64, items: [ItemKey: Item?]) {
        self.version = version
        self.items = items
    }

    /// The item at a key that the transaction names; nil: there is none.
    package subscript(key: ItemKey) -> Item? {
        precondition(items[key] != nil, "a transaction touches the items that it names, and no others")
        return changes[key] ?? items[key] ?? nil
    }

    package mutating func put(_ key: ItemKey, entityType: String, payload: [UInt8], expiresAt: Int64? = nil) {
        precondition(items[key] != nil, "a transaction touches the items that it names, and no others")
        // 0 stands for "never" where it is stored, and what ended before 1970 has ended then.
        let expiry = expiresAt.map { max($0, 1) }
        changes[key] = .some(Item(entityType: entityType, version: version, expiresAt: expiry, payload: payload))
    }

    package mutating func delete(_ key: ItemKey) {
        precondition(items[key] != nil, "a transaction touches the items that it names, and no others")
        changes[key] = .some(nil)
    }

    var changedBytes: Int {
        changes.values.reduce(0) { $0 + ($1?.payload.count ?? 0) }
    }
}
