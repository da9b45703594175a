import FoundationEssentials
import Store
import Synchronization

/// Brings a backup back into a data folder that no server serves.
///
/// Where the folder is in use, what was destroyed or revoked since the backup stays so: a backup brings nobody back.
package struct Restore: Sendable {
    package struct Answer: Codable, Sendable {
        package let folder: String
        package let tenants: Int
    }

    private let backup: String
    private let configuration: AttuneEngine.Configuration
    private let keepsMasterKey: Bool

    /// - Parameter keepsMasterKey: whether the master key file is copied into an empty data folder, where the server looks for it.
    package init(from backup: String, _ configuration: AttuneEngine.Configuration, keepsMasterKey: Bool) {
        self.backup = backup
        self.configuration = configuration
        self.keepsMasterKey = keepsMasterKey
    }

    /// - Throws: `.conflict` for a folder that is no backup, `.unavailable` where a server has the data folder.
    package func run() async throws(EngineError) -> Answer {
        let files = FileManager.default
        for name in ["store/data.mdb"] + SlotFile.names.map({ "vault/\($0)" }) where !files.fileExists(atPath: "\(backup)/\(name)") {
            throw EngineError(.conflict, "That folder is not a backup: \(name) is missing.")
        }
        let isInUse = files.fileExists(atPath: "\(configuration.dataPath)/vault/\(SlotFile.names[0])")
        let revocations = isInUse ? try await presentRevocations() : []
        do {
            try isInUse ? restoreIntoFolderInUse() : restoreIntoEmptyFolder()
        } catch let error as EngineError {
            throw error
        } catch {
            throw EngineError(.unavailable, "The backup cannot be copied into the data folder.")
        }
        let engine = try await AttuneEngine.open(configuration)
        for revocation in revocations { try await revocation.apply(to: engine) }
        let tenants = engine.directory.tenants.count
        await engine.close()
        return Answer(folder: configuration.dataPath, tenants: tenants)
    }

    private func restoreIntoEmptyFolder() throws {
        let masterKeyPath = configuration.masterKeyPath ?? DataFolder.masterKeyPath(in: configuration.dataPath)
        guard FileManager.default.fileExists(atPath: masterKeyPath) else {
            throw EngineError(.invalid, "Restoring into an empty folder needs the master key: --master-key-file FILE.")
        }
        let folder = try DataFolder(path: configuration.dataPath)
        try Folder.make(folder.vaultPath)
        for name in SlotFile.names { try copy("\(backup)/vault/\(name)", to: "\(folder.vaultPath)/\(name)") }
        try replaceStore(in: folder)
        let own = DataFolder.masterKeyPath(in: configuration.dataPath)
        if keepsMasterKey, masterKeyPath != own, !FileManager.default.fileExists(atPath: own) { try copy(masterKeyPath, to: own) }
    }

    private func restoreIntoFolderInUse() throws {
        let folder = try DataFolder(path: configuration.dataPath)
        let present = try SlotFile(folder: folder.vaultPath)
        let kept = try SlotFile(folder: "\(backup)/vault")
        var changed: [(slot: UInt32, record: SlotRecord)] = []
        // A data key stays where the same key lives on both sides. One that was destroyed since the backup stays destroyed;
        // one that was made since has no items in the backup's store.
        try present.forEach { slot, record throws(StoreError) in
            guard record.kind == .data, record.state != .free else { return }
            let old = kept.read(slot, copy: 0) ?? kept.read(slot, copy: 1)
            let isSameKey = old?.state != .free && old?.generation == record.generation && old?.digest == record.digest
            if !isSameKey { changed.append((slot, record.destroyed)) }
        }
        try replaceStore(in: folder)
        try present.write(changed)
    }

    /// Puts the backup's store in the place of the present one; the one or the other is there at any moment but between two renames.
    private func replaceStore(in folder: DataFolder) throws {
        let files = FileManager.default
        let (new, old) = ("\(folder.path)/store.new", "\(folder.path)/store.old")
        for leftover in [new, old] where files.fileExists(atPath: leftover) { try files.removeItem(atPath: leftover) }
        try Folder.make(new)
        try copy("\(backup)/store/data.mdb", to: "\(new)/data.mdb")
        if files.fileExists(atPath: folder.storePath) { try files.moveItem(atPath: folder.storePath, toPath: old) }
        try files.moveItem(atPath: new, toPath: folder.storePath)
        try Folder.sync(folder.path)
        if files.fileExists(atPath: old) { try files.removeItem(atPath: old) }
    }

    private func copy(_ source: String, to target: String) throws {
        try FileManager.default.copyItem(atPath: source, toPath: target)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: target)
        guard OutputFile(finished: target)?.finish() == true else {
            throw EngineError(.unavailable, "A restored file cannot be synced.")
        }
    }
}

/// A revocation that outlives a restore.
private struct CarriedRevocation: Sendable {
    let tenant: TenantName
    let tokens: [String: Timestamp]
    /// Keys that are revoked, or end, with the record that says so.
    let keys: [APIKeyRecord]

    func apply(to engine: AttuneEngine) async throws(EngineError) {
        guard let tenant = engine.directory.tenant(tenant) else { return }
        let now = engine.clock()
        for (digest, expiresAt) in tokens {
            let key = Keyspace.revocation(digest: digest)
            try await tenant.table.write([key], now: now) { table throws(EngineError) in
                try table.put(key, RevocationRecord(), expiresAt: expiresAt)
            }
        }
        for record in keys {
            guard let key = engine.directory.key(record.id) else { continue }
            try await engine.directory.change(key, now: now) { present in
                if record.hasRevokedAt { present.revokedAt = record.revokedAt }
                if record.hasExpiresAt { present.expiresAt = record.expiresAt }
            }
        }
    }
}

extension Restore {
    private func presentRevocations() async throws(EngineError) -> [CarriedRevocation] {
        let engine = try await AttuneEngine.open(configuration)
        let carried = engine.directory.tenants.map { tenant in
            CarriedRevocation(
                tenant: tenant.name, tokens: tenant.state.withLock { $0.revocations },
                keys: engine.directory.keys(of: tenant).map { key in key.state.withLock { $0.record } }
                    .filter { $0.hasRevokedAt || $0.hasExpiresAt })
        }
        await engine.close()
        return carried
    }
}
