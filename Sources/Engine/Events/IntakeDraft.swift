import Store
import SwiftProtobuf

/// A transaction's items for someone who finds out on the way which ones are needed: what is not named yet is noted, and the transaction
/// is run again with it.
struct IntakeDraft {
    /// Ends a run that has met an item which the transaction does not name.
    enum Interruption: Error {
        case missing
        case failed(EngineError)
    }

    /// nil: this only finds out which items are needed; nothing is read or written.
    private(set) var table: TableDraft?
    private var noted = KeyList()
    /// The items that the transaction does not name.
    var missing: [Keyspace] { noted.keys }

    /// Whether what is put is written.
    var isForReal: Bool { table != nil }

    init(_ table: TableDraft? = nil) {
        self.table = table
    }

    /// Whether all of the items can be had; those that cannot are noted.
    mutating func require(_ keys: [Keyspace]) throws(Interruption) {
        for key in keys where !(table?.names(key) ?? false) { _ = noted.add(key) }
        if table != nil, !noted.keys.isEmpty { throw .missing }
    }

    private mutating func require(_ key: Keyspace) throws(Interruption) {
        guard !(table?.names(key) ?? false) else { return }
        _ = noted.add(key)
        if table != nil { throw .missing }
    }

    mutating func get<Record: Message>(_ key: Keyspace, as type: Record.Type) throws(Interruption) -> Record? {
        try require(key)
        do {
            return try table?.get(key, as: type)
        } catch {
            throw .failed(error)
        }
    }

    /// 0 where there is no item.
    mutating func version(of key: Keyspace) throws(Interruption) -> UInt64 {
        try require(key)
        return table?.version(of: key) ?? 0
    }

    mutating func payload(of key: Keyspace) throws(Interruption) -> [UInt8]? {
        try require(key)
        guard let table else { return [] }
        return table.payload(of: key)
    }

    /// - Parameter record: not made where nothing is written.
    mutating func put(_ key: Keyspace, _ record: @autoclosure () -> some Message, expiresAt: Timestamp? = nil) throws(Interruption) {
        try require(key)
        do {
            try table?.put(key, record(), expiresAt: expiresAt)
        } catch {
            throw .failed(error)
        }
    }

    mutating func put(_ key: Keyspace, payload: [UInt8], expiresAt: Timestamp?) throws(Interruption) {
        try require(key)
        table?.put(key, payload: payload, expiresAt: expiresAt)
    }

    /// Changes items that were named from the start.
    mutating func change<Output>(_ body: (inout TableDraft) throws(EngineError) -> Output) throws(Interruption) -> Output {
        guard var table else { throw .missing }
        do {
            let output = try body(&table)
            self.table = table
            return output
        } catch {
            throw .failed(error)
        }
    }

    mutating func delete(_ key: Keyspace) throws(Interruption) {
        try require(key)
        table?.delete(key)
    }
}

/// A transaction that finds out on the way which items it needs.
struct FindingTransaction<Output: Sendable>: Sendable {
    /// Those that are known to be needed, or likely to be.
    var keys: [Keyspace]
    let body: @Sendable (inout IntakeDraft) throws(IntakeDraft.Interruption) -> Verdict<Output>

    fileprivate func run(_ table: inout TableDraft) throws(EngineError) -> Verdict<FoundOutput<Output>> {
        var draft = IntakeDraft(table)
        do throws(IntakeDraft.Interruption) {
            let verdict = try body(&draft)
            if let changed = draft.table { table = changed }
            switch verdict {
            case .commit(let output): return .commit(.output(output))
            case .discard(let output): return .discard(.output(output))
            }
        } catch {
            guard case .failed(let error) = error else { return .discard(.missing(draft.missing)) }
            throw error
        }
    }
}

extension Table {
    /// Runs a transaction that finds out on the way which items it needs, as often as it takes to name them all.
    /// - Parameter keys: those that are known to be needed, or likely to be.
    /// - Returns: nil where it needs more items than one transaction may have: nothing was done.
    func writeFinding<Output: Sendable>(
        _ keys: [Keyspace], now: Timestamp,
        _ body: @escaping @Sendable (inout IntakeDraft) throws(IntakeDraft.Interruption) -> Verdict<Output>
    ) async throws(EngineError) -> Output? {
        try await writeFinding([FindingTransaction(keys: keys, body: body)], now: now)[0].get()
    }

    /// The same for several at once, which one commit takes together where they are not too many.
    /// - Returns: what became of each, in their order.
    func writeFinding<Output: Sendable>(
        _ all: [FindingTransaction<Output>], now: Timestamp
    ) async -> [Result<Output?, EngineError>] {
        var all = all
        var results = [Result<Output?, EngineError>](repeating: .success(nil), count: all.count)
        var places = Array(all.indices)
        while true {
            places.removeAll { all[$0].keys.count > StoreLimits.itemsPerTransactionMax }
            if places.isEmpty { return results }
            let found = await decide(places.map { (all[$0].keys, all[$0].run) }, now: now)
            var unfinished: [Int] = []
            for (place, result) in zip(places, found) {
                switch result {
                case .success(.output(let output)): results[place] = .success(output)
                case .success(.missing(let more)):
                    for key in more where !all[place].keys.contains(key) { all[place].keys.append(key) }
                    unfinished.append(place)
                case .failure(let error): results[place] = .failure(error)
                }
            }
            places = unfinished
        }
    }
}

private enum FoundOutput<Output: Sendable>: Sendable {
    case output(Output)
    case missing([Keyspace])
}

extension Verdict {
    /// What it ends in, whether or not it counts.
    var output: Output {
        switch self {
        case .commit(let output), .discard(let output): output
        }
    }
}
