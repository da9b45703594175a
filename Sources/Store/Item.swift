/// An item of the table as its owner sees it: opened, checked, with its version.
package struct Item: Sendable, Equatable {
    /// What the payload is a record of, such as `PersonalizationProfile`; at most 255 bytes.
    package let entityType: String
    /// Changes with every write of the item, and never comes back, also not after a deletion.
    package let version: UInt64
    /// Milliseconds since 1970; from then on the item is absent. nil: never.
    package let expiresAt: Int64?
    package let payload: [UInt8]

    package init(entityType: String, version: UInt64, expiresAt: Int64?, payload: [UInt8]) {
        self.entityType = entityType
        self.version = version
        self.expiresAt = expiresAt
        self.payload = payload
    }

    /// Whether the item is absent to readers at that moment (milliseconds since 1970).
    func isExpired(at now: Int64) -> Bool {
        expiresAt.map { $0 <= now } ?? false
    }
}

/// An item of a query's answer, with its sort key.
package struct QueriedItem: Sendable, Equatable {
    package let sort: [UInt8]
    package let item: Item
}
