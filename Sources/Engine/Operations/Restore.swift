import FoundationEssentials
import Store

/// Brings a backup back into a data folder that no server serves.
///
/// Where the folder is in use, what was destroyed or revoked since the backup stays so: a backup brings nobody back. Killed at any
/// point it has not begun, or is finished by whoever opens the folder next.
package struct Restore: Sendable {
    package struct Answer: Codable, Sendable {
        package let folder: String
        package let tenants: Int
    }

    private let backup: String
    private let configuration: AttuneEngine.Configuration
    private let keepsMasterKey: Bool
    /// Of a ledger of erasures that are to be done again in an empty folder.
    private let ledgerPath: String?
    private let clock: @Sendable () -> Timestamp

    /// - Parameter keepsMasterKey: whether the master key file is copied into an empty data folder, where the server looks for it.
    package init(
        from backup: String, _ configuration: AttuneEngine.Configuration, keepsMasterKey: Bool, ledgerPath: String? = nil,
        clock: @escaping @Sendable () -> Timestamp = { Timestamp.now }
    ) {
        self.backup = backup
        self.configuration = configuration
        self.keepsMasterKey = keepsMasterKey
        self.ledgerPath = ledgerPath
        self.clock = clock
    }

    /// - Throws: `.conflict` for a folder that is no backup, `.unavailable` where a server has the data folder.
    package func run() async throws(EngineError) -> Answer {
        for name in ["store/data.mdb"] + SlotFile.names.map({ "vault/\($0)" })
        where !FileManager.default.fileExists(atPath: "\(backup)/\(name)") {
            throw EngineError(.conflict, "That folder is not a backup: \(name) is missing.")
        }
        let masterKeyPath = configuration.masterKeyPath ?? DataFolder.masterKeyPath(in: configuration.dataPath)
        guard FileManager.default.fileExists(atPath: masterKeyPath) else {
            throw EngineError(.invalid, "Restoring into an empty folder needs the master key: --master-key-file FILE.")
        }
        let folder = try DataFolder(path: configuration.dataPath)
        let prepared = PreparedRestore(folder)
        try prepared.finishIfBegun()
        if folder.hasVault {
            return Answer(folder: folder.path, tenants: try await restoreIntoFolderInUse(prepared))
        }
        let tenants = try await restoreIntoEmptyFolder(prepared)
        let own = DataFolder.masterKeyPath(in: folder.path)
        if keepsMasterKey, !FileManager.default.fileExists(atPath: own) { try OutputFile.copy(masterKeyPath, to: own) }
        return Answer(folder: folder.path, tenants: tenants)
    }

    private func restoreIntoEmptyFolder(_ prepared: PreparedRestore) async throws(EngineError) -> Int {
        try prepared.copyStore(of: backup)
        try prepared.copyVault("\(backup)/vault")
        // A master key that is another one is found here.
        let ledger = try ledgerPath.map { path throws(EngineError) in try LedgerReplay(path: path) }
        let tenants = try await open(prepared, resumes: ledger != nil) { engine throws(EngineError) in
            try await ledger?.run(on: engine)
            try await engine.noteRestore()
            return engine.directory.tenants.count
        }
        try prepared.begin()
        return tenants
    }

    private func restoreIntoFolderInUse(_ prepared: PreparedRestore) async throws(EngineError) -> Int {
        let folder = prepared.folder
        let present = try await AttuneEngine.open(
            folder, vaultPath: folder.vaultPath, storePath: folder.storePath, configuration, clock: clock)
        let carried = try await Self.closing(present) { engine throws(EngineError) in try await CarriedState(of: engine) }
        try prepared.copyStore(of: backup)
        try prepared.copyVault(folder.vaultPath)
        try prepared.destroyWhatIsNotIn(vault: "\(backup)/vault")
        let tenants = try await open(prepared, resumes: false) { engine throws(EngineError) in
            try await carried.apply(to: engine)
            try await engine.noteRestore()
            return engine.directory.tenants.count
        }
        try prepared.begin()
        return tenants
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
