import FoundationEssentials
import Glibc
import Store

/// Brings a backup back into a data folder that no server serves.
///
/// Where the folder is in use, what was destroyed or revoked since the backup stays so: a backup brings nobody back. Killed at any
/// point it has not begun, or is finished by whoever opens the folder next.
package struct Restore: Sendable {
    package struct Answer: Codable, Sendable {
        package let folder: String
        package let tenants: Int
        /// Tenants of the folder in use that the backup lacks: they are gone.
        package let lostTenants: [String]
    }

    private let backup: String
    private let configuration: AttuneEngine.Configuration
    private let keepsMasterKey: Bool
    /// Of a ledger of erasures that are to be done again in an empty folder.
    private let ledgerPath: String?
    /// Whether tenants that the backup lacks may be lost.
    private let losesTenants: Bool
    private let clock: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - keepsMasterKey: whether the master key file is copied into an empty data folder, where the server looks for it.
    ///   - losesTenants: whether tenants of the folder in use that the backup lacks may be lost.
    package init(
        from backup: String, _ configuration: AttuneEngine.Configuration, keepsMasterKey: Bool, ledgerPath: String? = nil,
        losesTenants: Bool = false, clock: @escaping @Sendable () -> Timestamp = { Timestamp.now }
    ) {
        self.backup = backup
        self.configuration = configuration
        self.keepsMasterKey = keepsMasterKey
        self.ledgerPath = ledgerPath
        self.losesTenants = losesTenants
        self.clock = clock
    }

    private var masterKeyPath: String { configuration.masterKeyPath ?? DataFolder.masterKeyPath(in: configuration.dataPath) }

    /// Looks at all of the backup before anything in the data folder is changed.
    /// - Throws: `.conflict` for a folder that is no backup, or one that lacks tenants; `.damaged` for a backup that is not whole;
    ///   `.unavailable` where a server has the data folder.
    package func run() async throws(EngineError) -> Answer {
        for name in BackupSums.files where !Self.isFile("\(backup)/\(name)") {
            throw EngineError(.conflict, "That folder is not a backup: \(name) is missing.")
        }
        guard FileManager.default.fileExists(atPath: masterKeyPath) else {
            throw EngineError(.invalid, "Restoring into an empty folder needs the master key: --master-key-file FILE.")
        }
        let folder = try DataFolder(path: configuration.dataPath)
        let prepared = PreparedRestore(folder)
        try prepared.finishIfBegun()
        do throws(EngineError) {
            return try await folder.hasVault ? restoreIntoFolderInUse(prepared) : restoreIntoEmptyFolder(prepared)
        } catch {
            try? prepared.discard()
            throw error
        }
    }

    private static func isFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    private func restoreIntoEmptyFolder(_ prepared: PreparedRestore) async throws(EngineError) -> Answer {
        let ledger = try ledgerPath.map { path throws(EngineError) in try LedgerReplay(path: path) }
        let check = try copyStore(prepared)
        try prepared.copyVault("\(backup)/vault")
        // A master key that is another one is found here.
        try await check.run()
        let tenants = try await open(prepared, resumes: ledger != nil) { engine throws(EngineError) in
            try await ledger?.run(on: engine)
            try await engine.noteRestore()
            return engine.directory.tenants.count
        }
        // Before the vault that it opens.
        let own = DataFolder.masterKeyPath(in: prepared.folder.path)
        if keepsMasterKey, !FileManager.default.fileExists(atPath: own) { try OutputFile.copy(masterKeyPath, to: own) }
        try prepared.begin()
        return Answer(folder: prepared.folder.path, tenants: tenants, lostTenants: [])
    }

    private func restoreIntoFolderInUse(_ prepared: PreparedRestore) async throws(EngineError) -> Answer {
        let folder = prepared.folder
        let check = try copyStore(prepared)
        let carried = try await carriedState(of: folder)
        try prepared.copyVault(folder.vaultPath)
        try await check.run()
        let (tenants, lost) = try await open(prepared, resumes: false) { engine throws(EngineError) in
            let lost = carried.tenants(missingIn: engine)
            guard lost.isEmpty || losesTenants else {
                throw EngineError(
                    .conflict,
                    "The backup lacks tenants of the folder in use: \(lost.joined(separator: ", ")). Nothing was changed. "
                        + "Give --force to lose them."
                )
            }
            try await carried.apply(to: engine)
            try await engine.noteRestore()
            return (engine.directory.tenants.count, lost)
        }
        try prepared.begin()
        return Answer(folder: folder.path, tenants: tenants, lostTenants: lost)
    }

    /// Copies the backup's store and looks at its files and its vault.
    private func copyStore(_ prepared: PreparedRestore) throws(EngineError) -> RestoreCheck {
        try prepared.copyStore(of: backup)
        let keys: [MasterKeyFile.Key]
        do throws(StoreError) {
            keys = try MasterKeyFile(reading: masterKeyPath)?.keys ?? []
        } catch {
            throw EngineError(.unavailable, "The master key cannot be read: \(error).")
        }
        let copy = ["store/data.mdb": "\(prepared.storePath)/data.mdb"]
        let finding = try BackupSums.check(backup, copies: copy, keys: keys)
        do throws(StoreError) {
            try PageWalk.check(folder: prepared.storePath)
        } catch {
            throw BackupSums.damaged("its store is not whole (\(error))")
        }
        return RestoreCheck(
            prepared: prepared, backup: try BackupVault(folder: "\(backup)/vault"), masterKeyPath: masterKeyPath,
            isSealed: finding == .whole, now: clock())
    }

    private func carriedState(of folder: DataFolder) async throws(EngineError) -> CarriedState {
        do {
            if folder.hasStore { try PageWalk.check(folder: folder.storePath) }
            let present = try await AttuneEngine.open(
                folder, vaultPath: folder.vaultPath, storePath: folder.storePath, configuration, clock: clock)
            return try await Self.closing(present) { engine throws(EngineError) in try await CarriedState(of: engine) }
        } catch {
            throw EngineError(
                .unavailable,
                "What must outlive a restore cannot be read from the folder in use (\((error as? EngineError)?.detail ?? "\(error)")). "
                    + "Move the folder away and restore into an empty one, with --master-key-file and, for later erasures, --ledger.")
        }
    }

    private func open<Output>(
        _ prepared: PreparedRestore, resumes: Bool, _ body: (AttuneEngine) async throws(EngineError) -> Output
    ) async throws(EngineError) -> Output {
        let engine = try await AttuneEngine.open(
            prepared.folder, vaultPath: prepared.vaultPath, storePath: prepared.storePath, configuration, resumes: resumes, clock: clock)
        return try await Self.closing(engine, body)
    }

    /// Closes the store afterwards; the folder stays ours.
    private static func closing<Output>(
        _ engine: AttuneEngine, _ body: (AttuneEngine) async throws(EngineError) -> Output
    ) async throws(EngineError) -> Output {
        defer { engine.store.close() }
        return try await body(engine)
    }
}

extension AttuneEngine {
    /// Every tenant's log says that it was restored.
    fileprivate func noteRestore() async throws(EngineError) {
        for tenant in directory.tenants { try await tenant.note("restore", by: Principal.consoleActor, now: clock()) }
    }
}
