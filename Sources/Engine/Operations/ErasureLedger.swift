import FoundationEssentials
import Store
import SwiftProtobuf

/// Writes the ledger of erasures of every tenant into a file of JSON lines: kept apart from backups, it keeps a backup that is restored
/// into an empty folder from bringing anybody back. It names users by keyed digests alone.
package struct ExportLedger: EngineOperation {
    package static let name = "privacy.ledger"
    /// Absolute, since the server's working folder is another.
    private let path: String

    package struct Answer: Codable, Sendable {
        package let path: String
        package let entries: Int
    }

    package init(path: String) {
        self.path = path
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> Answer {
        let file = try OutputFile(path: path)
        var entries = 0
        for tenant in engine.directory.tenants {
            let prefix = "ERASED#"
            try await tenant.table.forEachItem(in: Keyspace.partition(.erasures), prefix: prefix, now: engine.clock()) {
                found throws(EngineError) in
                let record = try ErasedRecord(stored: found.item.payload)
                let entry = LedgerEntry(
                    tenant: tenant.name.text, subject: String(decoding: found.sort.dropFirst(prefix.utf8.count), as: UTF8.self),
                    requestedAt: record.requestedAt, receiptId: record.receiptID)
                try file.write(try CanonicalJSON.encode(entry) + [UInt8(ascii: "\n")])
                entries += 1
            }
        }
        try file.finish()
        return Answer(path: path, entries: entries)
    }
}

/// A line of a ledger file.
struct LedgerEntry: Codable, Sendable {
    let tenant: String
    /// Keyed digest of the user's id.
    let subject: String
    /// Milliseconds since 1970.
    let requestedAt: Int64
    let receiptId: String
}

/// Erases again, in a folder that a backup was restored into, whoever was erased after the backup.
struct LedgerReplay {
    private let entries: [LedgerEntry]

    /// - Throws: `.invalid` for a file that is no ledger.
    init(path: String) throws(EngineError) {
        guard let data = FileManager.default.contents(atPath: path) else { throw .invalid("/ledger", "cannot be read") }
        var entries: [LedgerEntry] = []
        for line in data.split(separator: UInt8(ascii: "\n")) {
            guard let entry = try? JSONDecoder().decode(LedgerEntry.self, from: Data(line)) else {
                throw .invalid("/ledger", "is no ledger")
            }
            entries.append(entry)
        }
        self.entries = entries
    }

    func run(on engine: AttuneEngine) async throws(EngineError) {
        for tenant in engine.directory.tenants {
            let later = try await later(of: tenant, now: engine.clock())
            guard !later.isEmpty else { continue }
            let scope = engine.console(for: tenant)
            // Whoever is in the ledger was not held any more when they were erased.
            for digest in later { try await scope.liftHold(of: digest) }
            for user in try engine.store.users(of: tenant.number) where later.contains(try tenant.table.subjectDigest(user)) {
                for held in try await scope.holds(of: user) { try await scope.liftHold(of: held.digest) }
                _ = try await engine.erasures.erase(scope, try scope.authorize(.eraseUser, for: .user(user)))
            }
        }
    }

    /// Whom the backup does not know to be erased.
    private func later(of tenant: Tenant, now: Timestamp) async throws(EngineError) -> Set<String> {
        var later: Set<String> = []
        for entry in entries where entry.tenant.hasSameBytes(as: tenant.name.text) {
            let known = try await tenant.table.get(.erased(digest: entry.subject), as: ErasedRecord.self, now: now)?.value
            if known.map({ $0.requestedAt < entry.requestedAt }) ?? true { later.insert(entry.subject) }
        }
        return later
    }
}
