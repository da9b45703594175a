import Store

/// An engine under test: empty at first, with a vault of its own, to be closed and opened again over the same data.
protocol EngineFixture: Sendable {
    var engine: any StorageEngine { get async }
    func reopen() async throws
    func remove() async
}

extension PartitionKey {
    init(_ name: String, tenant: UInt32 = 1) {
        self.init(tenant: TenantNumber(tenant), name: Array(name.utf8))
    }
}

extension ItemKey {
    init(_ partition: String, _ sort: String, tenant: UInt32 = 1) {
        self.init(PartitionKey(partition, tenant: tenant), sort: Array(sort.utf8))
    }
}

extension StorageEngine {
    /// Puts one item.
    /// - Returns: its version.
    @discardableResult
    func put(
        _ key: ItemKey, _ text: String, type: String = "Text", expiresAt: Int64? = nil, now: Int64 = 0
    ) async throws(StoreError) -> UInt64 {
        try await put(key, bytes: Array(text.utf8), type: type, expiresAt: expiresAt, now: now)
    }

    @discardableResult
    func put(
        _ key: ItemKey, bytes: [UInt8], type: String = "Text", expiresAt: Int64? = nil, now: Int64 = 0
    ) async throws(StoreError) -> UInt64 {
        let transaction = Transaction([key]) { draft in
            draft.put(key, entityType: type, payload: bytes, expiresAt: expiresAt)
            return .commit(draft.version)
        }
        return try await write(transaction, now: now)
    }

    func delete(_ key: ItemKey, now: Int64 = 0) async throws(StoreError) {
        let transaction = Transaction<Void>([key]) { draft in
            draft.delete(key)
            return .commit(())
        }
        try await write(transaction, now: now)
    }

    func text(_ key: ItemKey, now: Int64 = 0) async throws(StoreError) -> String? {
        try await get(key, now: now).map { String(decoding: $0.payload, as: UTF8.self) }
    }

    /// Sort keys of a page.
    func sorts(
        _ partition: PartitionKey, prefix: String = "", after: String? = nil, limit: Int = 1000, now: Int64 = 0
    ) async throws(StoreError) -> [String] {
        try await query(partition, prefix: Array(prefix.utf8), after: after.map { Array($0.utf8) }, limit: limit, now: now)
            .map { String(decoding: $0.sort, as: UTF8.self) }
    }

    /// Adds one to a number in decimal.
    @discardableResult
    func increment(_ key: ItemKey, now: Int64 = 0) async throws(StoreError) -> Int {
        let transaction = Transaction<Int>([key]) { draft in
            let number = (draft[key].flatMap { Int(String(decoding: $0.payload, as: UTF8.self)) } ?? 0) + 1
            draft.put(key, entityType: "Number", payload: Array(String(number).utf8))
            return .commit(number)
        }
        return try await write(transaction, now: now)
    }
}
