/// A change of the table: the items that it reads or writes, and a pure function from what they hold to what they shall hold.
///
/// The engine may run the function more than once and keeps the last run only.
package struct Transaction<Output: Sendable>: Sendable {
    package let keys: [ItemKey]
    /// Whether it is a step of making room, or of an erasure, which a full store does not stop.
    package let mayUseReserve: Bool
    package let body: @Sendable (inout Draft) -> Verdict<Output>

    /// - Parameter keys: at most `StoreLimits.itemsPerTransactionMax`, without duplicates; no others can be read or written.
    package init(_ keys: [ItemKey], mayUseReserve: Bool = false, body: @escaping @Sendable (inout Draft) -> Verdict<Output>) {
        self.keys = keys
        self.mayUseReserve = mayUseReserve
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
///
/// Looked up one after another: most transactions name one item or two, and for those a dictionary costs more than the search.
package struct Draft: Sendable {
    private struct Place: Sendable {
        let key: ItemKey
        var item: Item?
        var isChanged = false
    }

    /// The version that the items written here get.
    package let version: UInt64
    private var places: [Place]

    /// - Parameter items: what the items hold, in the order of the keys.
    init(version: UInt64, keys: [ItemKey], items: [Item?]) {
        self.version = version
        places = zip(keys, items).map { Place(key: $0, item: $1) }
    }

    /// The item at a key that the transaction names; nil: there is none.
    package subscript(key: ItemKey) -> Item? { places[place(of: key)].item }

    package mutating func put(_ key: ItemKey, entityType: String, payload: [UInt8], expiresAt: Int64? = nil) {
        // 0 stands for "never" where it is stored, and what ended before 1970 has ended then.
        let expiry = expiresAt.map { max($0, 1) }
        change(key, to: Item(entityType: entityType, version: version, expiresAt: expiry, payload: payload))
    }

    package mutating func delete(_ key: ItemKey) {
        change(key, to: nil)
    }

    private mutating func change(_ key: ItemKey, to item: Item?) {
        change(at: place(of: key), to: item)
    }

    private mutating func change(at place: Int, to item: Item?) {
        places[place].item = item
        places[place].isChanged = true
    }

    private func place(of key: ItemKey) -> Int {
        guard let place = places.firstIndex(where: { $0.key == key }) else {
            preconditionFailure("a transaction touches the items that it names, and no others")
        }
        return place
    }

    /// Places among the transaction's keys that have changed, with what they shall hold.
    var changes: [(place: Int, item: Item?)] {
        places.indices.compactMap { places[$0].isChanged ? ($0, places[$0].item) : nil }
    }
}

/// The same by the place of a key among those that the transaction names, for those who know it: nothing is searched for.
extension Draft {
    package func item(at place: Int) -> Item? { places[place].item }

    package mutating func put(at place: Int, entityType: String, payload: [UInt8], expiresAt: Int64? = nil) {
        let expiry = expiresAt.map { max($0, 1) }
        change(at: place, to: Item(entityType: entityType, version: version, expiresAt: expiry, payload: payload))
    }

    package mutating func delete(at place: Int) {
        change(at: place, to: nil)
    }
}
