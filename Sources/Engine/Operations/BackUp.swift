import FoundationEssentials
import Glibc
import Store

/// Copies store and vault, keys wrapped, into a new folder, while serving. The master key is not among it.
package struct BackUp: EngineOperation {
    package static let name = "backup"
    /// Absolute, since the server's working folder is another.
    private let folder: String

    package struct Answer: Codable, Sendable {
        package let folder: String
        package let bytes: Int
    }

    package init(folder: String) {
        self.folder = folder
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> Answer {
        guard !FileManager.default.fileExists(atPath: folder) else {
            throw EngineError(.conflict, "There is something at that path already.")
        }
        // Made beside its place, so that what is there is whole.
        Unfinished.removeLeftovers(of: folder)
        let unfinished = Unfinished.name(beside: folder)
        do {
            try Folder.make(unfinished)
        } catch {
            throw EngineError(.unavailable, "The backup's folder cannot be made.")
        }
        let lock = Unfinished.hold(unfinished)
        defer { close(lock) }
        do {
            try await Self.copy(engine, to: unfinished)
            // A folder takes the place of an empty one only, and nobody else's is lost.
            guard rename(unfinished, folder) == 0 else { throw EngineError(.unavailable, "The backup cannot be put in its place.") }
            try Folder.sync(Folder.parent(of: folder))
        } catch {
            Unfinished.remove(unfinished)
            if let error = error as? EngineError { throw error }
            throw (error as? StoreError).map { EngineError($0) } ?? EngineError(.unavailable, "The backup cannot be written.")
        }
        return Answer(folder: folder, bytes: Self.bytes(in: folder))
    }

    private static func copy(_ engine: AttuneEngine, to folder: String) async throws {
        let (vault, key) = (engine.vault, engine.vault.masterKey)
        let (source, copy) = (engine.folder.vaultPath, "\(folder)/vault")
        try await engine.store.backUp(toFolder: "\(folder)/store") { () throws(StoreError) in
            // The vault first: a user who comes in between is missing from the copy, instead of being half there.
            try vault.changingSlots { () throws(StoreError) in
                guard !vault.isRotatingMasterKey, vault.masterKey.number == key.number else {
                    throw StoreError(.busy, "backing up while the master key is rotated")
                }
                try Self.copyVault(from: source, to: copy)
            }
        }
        try vault.destroyWhatIsDestroyed(inCopy: copy)
        try BackupSums.write(in: folder, sealedBy: key)
        try Folder.sync(folder)
    }

    private static func copyVault(from source: String, to copy: String) throws(StoreError) {
        try Folder.make(copy)
        for name in SlotFile.names {
            do throws(EngineError) {
                try OutputFile.copy("\(source)/\(name)", to: "\(copy)/\(name)")
            } catch {
                throw StoreError(.cannotCommit, "copying the key vault")
            }
        }
        try Folder.sync(copy)
    }

    private static func bytes(in folder: String) -> Int {
        let files = FileManager.default
        return BackupSums.files.reduce(0) { total, name in
            total + ((try? files.attributesOfItem(atPath: "\(folder)/\(name)")[.size] as? Int) ?? 0)
        }
    }
}
