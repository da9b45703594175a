import Synchronization

/// The keys that are written while the environment is copied: what has to be copied once more.
final class ChangeJournal: Sendable {
    struct Change: Hashable, Sendable {
        let table: TableHandle.Name
        let key: [UInt8]
    }

    private let changes = Mutex<Set<Change>>([])

    func note(_ key: [UInt8], in table: TableHandle.Name) {
        // The version is copied when everything else has been.
        guard table != .meta else { return }
        changes.withLock { _ = $0.insert(Change(table: table, key: key)) }
    }

    var count: Int { changes.withLock { $0.count } }

    /// The changes noted since the last time, each key once.
    func take() -> [Change] {
        Array(
            changes.withLock { noted in
                defer { noted = [] }
                return noted
            })
    }
}
