import Store
import SwiftProtobuf

/// One tenant's part of the table: it can express no key outside it.
struct Table: Sendable {
    let tenant: TenantNumber
    let engine: any StorageEngine
    let vault: KeyVault
    var shutUsers = ShutUsers()
    /// Whether it is that of an erasure, for which nobody is shut away and the store's reserve is there.
    var isErasing = false

    /// The same table for whoever erases.
    var erasing: Table {
        var table = self
        table.isErasing = true
        return table
    }

    private func isShut(_ key: Keyspace) -> Bool { !isErasing && shutUsers.isShut(key.user) }

    func key(_ key: Keyspace) -> ItemKey {
        ItemKey(PartitionKey(tenant: tenant, name: key.partition), sort: Array(key.sort.utf8))
    }

    /// The record at a key with its version; nil where there is none.
    func get<Record: Message>(_ key: Keyspace, as _: Record.Type, now: Timestamp) async throws(EngineError) -> Versioned<Record>? {
        if isShut(key) { return nil }
        let item: Item?
        do {
            item = try await engine.get(self.key(key), now: now.milliseconds)
        } catch {
            throw EngineError(error)
        }
        return try item.map { item throws(EngineError) in Versioned(try Record(stored: item.payload), version: item.version) }
    }

    /// Several items as they are at one moment, in the order of the keys; to be decoded by `Item.record(as:)`.
    func items(_ keys: [Keyspace], now: Timestamp) async throws(EngineError) -> [Item?] {
        do {
            let items = try await engine.get(keys.map(key), now: now.milliseconds)
            return isErasing || shutUsers.areNone ? items : zip(keys, items).map { isShut($0) ? nil : $1 }
        } catch {
            throw EngineError(error)
        }
    }

    /// Items of a partition whose sort keys start with `prefix`, all pages.
    func all<Record: Message>(
        in partition: [UInt8], prefix: String, as _: Record.Type, now: Timestamp
    ) async throws(EngineError) -> [Versioned<Record>] {
        var records: [Versioned<Record>] = []
        try await forEachItem(in: partition, prefix: prefix, now: now) { item throws(EngineError) in
            records.append(Versioned(try Record(stored: item.item.payload), version: item.item.version))
        }
        return records
    }

    /// Calls `body` for each item of a partition in order, a page at a time.
    /// - Parameter isWanted: asked before each further item.
    func forEachItem(
        in partition: [UInt8], prefix: String, pageSize: Int = StoreLimits.itemsPerQueryMax, now: Timestamp,
        while isWanted: () -> Bool = { true }, _ body: (QueriedItem) throws(EngineError) -> Void
    ) async throws(EngineError) {
        var last: String?
        while true {
            let page = try await page(in: partition, prefix: prefix, after: last, limit: pageSize, now: now)
            for item in page {
                guard isWanted() else { return }
                try body(item)
            }
            guard page.count == pageSize else { return }
            last = page.last.map { String(decoding: $0.sort, as: UTF8.self) }
        }
    }

    /// The first sort key of a partition that starts with `prefix`.
    func firstSort(in partition: [UInt8], prefix: String, now: Timestamp) async throws(EngineError) -> String? {
        let page = try await page(in: partition, prefix: prefix, limit: 1, now: now)
        return page.first.map { String(decoding: $0.sort, as: UTF8.self) }
    }

    /// Items of a partition whose sort keys start with `prefix`, a page of them.
    func page(
        in partition: [UInt8], prefix: String, after: String? = nil, limit: Int, now: Timestamp
    ) async throws(EngineError) -> [QueriedItem] {
        if !isErasing, !shutUsers.areNone, shutUsers.isShut(Keyspace.user(ofPartition: partition)) { return [] }
        do {
            return try await engine.query(
                PartitionKey(tenant: tenant, name: partition), prefix: Array(prefix.utf8), after: after.map { Array($0.utf8) },
                limit: limit, now: now.milliseconds)
        } catch {
            throw EngineError(error)
        }
    }

    /// Changes the records at some keys in one transaction; committed when it returns.
    ///
    /// `body` may run more than once. What it throws leaves everything as it is.
    func write<Output: Sendable>(
        _ keys: [Keyspace], now: Timestamp, _ body: @escaping @Sendable (inout TableDraft) throws(EngineError) -> Output
    ) async throws(EngineError) -> Output {
        try await decide(keys, now: now) { table throws(EngineError) in .commit(try body(&table)) }
    }

    /// As `write`, where `body` says whether what it has done counts.
    func decide<Output: Sendable>(
        _ keys: [Keyspace], now: Timestamp, _ body: @escaping @Sendable (inout TableDraft) throws(EngineError) -> Verdict<Output>
    ) async throws(EngineError) -> Output {
        let result: Result<Output, EngineError>
        do {
            result = try await engine.write(transaction(keys, now: now, body), now: now.milliseconds)
        } catch {
            throw EngineError(error)
        }
        return try result.get()
    }

    /// As `decide` for several transactions at once, which one commit takes together where they are not too many.
    /// - Returns: what became of each.
    func decide<Output: Sendable>(
        _ all: [(keys: [Keyspace], body: @Sendable (inout TableDraft) throws(EngineError) -> Verdict<Output>)], now: Timestamp
    ) async -> [Result<Output, EngineError>] {
        await engine.write(all.map { transaction($0.keys, now: now, $0.body) }, now: now.milliseconds).map { result in
            switch result {
            case .success(let outcome): outcome
            case .failure(let error): .failure(EngineError(error))
            }
        }
    }

    private func transaction<Output: Sendable>(
        _ keys: [Keyspace], now: Timestamp, _ body: @escaping @Sendable (inout TableDraft) throws(EngineError) -> Verdict<Output>
    ) -> Transaction<Result<Output, EngineError>> {
        let list = KeyList(keys)
        return Transaction(list.keys.map(key), mayUseReserve: isErasing) { draft in
            // Asked in the writer's turn: what was begun before an erasure does not outlive it.
            guard isErasing || shutUsers.admit(keys, begunAt: now) else { return .discard(.failure(ShutUsers.refusal)) }
            var table = TableDraft(draft: draft, keys: list)
            do throws(EngineError) {
                switch try body(&table) {
                case .commit(let output):
                    draft = table.draft
                    return .commit(.success(output))
                case .discard(let output): return .discard(.success(output))
                }
            } catch {
                return .discard(.failure(error))
            }
        }
    }

    /// Keyed digest of a version, never 0.
    func digest(of version: UInt64) throws(EngineError) -> UInt64 {
        do {
            let label = withUnsafeBytes(of: version.bigEndian) { Array("entity-tag\0".utf8) + $0 }
            return try vault.digest(label, tenant: tenant).prefix(8).reduce(0) { $0 << 8 | UInt64($1) } | 1
        } catch {
            throw EngineError(error)
        }
    }

    /// Keyed digest of a string from outside, for counting what is distinct; unlike labels and strings never meet.
    func number(_ label: StaticString, _ text: some Sequence<UInt8>) throws(EngineError) -> UInt64 {
        var bytes = label.withUTF8Buffer { Array($0) }
        bytes.append(0)
        bytes += text
        do {
            return try vault.digest(bytes, tenant: tenant).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        } catch {
            throw EngineError(error)
        }
    }

    /// Keyed digest, in base64url, of strings from outside that are to stand in a sort key. Unlike lists of parts never meet.
    func digest(_ parts: [[UInt8]]) throws(EngineError) -> String {
        var key = OrderedKey()
        for part in parts { key.append(part) }
        do {
            return Digest.text(try vault.digest(key.bytes, tenant: tenant))
        } catch {
            throw EngineError(error)
        }
    }
}

/// What a transaction's items hold and shall hold, as records.
struct TableDraft {
    fileprivate(set) var draft: Draft
    /// As the draft has them.
    fileprivate let keys: KeyList

    /// The version that everything written here gets.
    var version: UInt64 { draft.version }

    private func place(of key: Keyspace) -> Int {
        guard let place = keys.place(of: key) else {
            preconditionFailure("a transaction touches the items that it names, and no others")
        }
        return place
    }

    func version(of key: Keyspace) -> UInt64 { draft.item(at: place(of: key))?.version ?? 0 }

    func get<Record: Message>(_ key: Keyspace, as _: Record.Type) throws(EngineError) -> Record? {
        try draft.item(at: place(of: key)).map { item throws(EngineError) in try Record(stored: item.payload) }
    }

    mutating func put(_ key: Keyspace, _ record: some Message, expiresAt: Timestamp? = nil) throws(EngineError) {
        let payload: [UInt8]
        do {
            payload = try record.serializedBytes()
        } catch {
            throw EngineError(.internalError, "A record could not be written.")
        }
        put(key, payload: payload, expiresAt: expiresAt)
    }

    /// Whether the transaction names the item: no other can be read or written.
    func names(_ key: Keyspace) -> Bool { keys.place(of: key) != nil }

    /// The bytes of a record.
    func payload(of key: Keyspace) -> [UInt8]? { draft.item(at: place(of: key))?.payload }

    mutating func put(_ key: Keyspace, payload: [UInt8], expiresAt: Timestamp? = nil) {
        draft.put(at: place(of: key), entityType: key.entityType.rawValue, payload: payload, expiresAt: expiresAt?.milliseconds)
    }

    mutating func delete(_ key: Keyspace) {
        draft.delete(at: place(of: key))
    }
}

extension Item {
    func record<Record: Message>(as _: Record.Type) throws(EngineError) -> Record {
        try Record(stored: payload)
    }
}

extension Message {
    /// Decodes a stored record. What its seal has let through and does not decode is a record of another program.
    init(stored payload: [UInt8]) throws(EngineError) {
        do {
            try self.init(serializedBytes: payload)
        } catch {
            throw EngineError(.damaged, "A stored record cannot be read.")
        }
    }
}

extension EngineError {
    init(_ error: StoreError) {
        switch error.code {
        case .busy: self.init(.unavailable, "The store is busy. Try again.", retryAfterSeconds: 1)
        case .cannotCommit, .cannotOpen: self.init(.unavailable, "The store cannot commit at the moment.", retryAfterSeconds: 5)
        case .damaged: self.init(.damaged, "A stored record is damaged.")
        case .tooLarge, .engine: self.init(.internalError, "The store refused the request.")
        }
    }
}
