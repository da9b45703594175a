import FoundationEssentials
import Glibc
import Store

/// A restore, made ready beside what is there, and then put in its place: once begun it is finished, by this process or by the next
/// that opens the folder.
struct PreparedRestore {
    let folder: DataFolder

    var storePath: String { "\(folder.path)/store.new" }
    var vaultPath: String { "\(folder.path)/vault.new" }
    /// Stands there from the moment on that everything is ready.
    private var markPath: String { "\(folder.path)/restore.begun" }

    init(_ folder: DataFolder) {
        self.folder = folder
    }

    func copyStore(of backup: String) throws(EngineError) {
        try make(storePath)
        try OutputFile.copy("\(backup)/store/data.mdb", to: "\(storePath)/data.mdb")
        try sync(storePath)
    }

    func copyVault(_ path: String) throws(EngineError) {
        try make(vaultPath)
        for name in SlotFile.names { try OutputFile.copy("\(path)/\(name)", to: "\(vaultPath)/\(name)") }
        try sync(vaultPath)
    }

    /// Puts everything in its place.
    func begin() throws(EngineError) {
        try OutputFile(path: markPath).finish()
        try sync(folder.path)
        try finishIfBegun()
    }

    /// Goes on where a restore was interrupted, and clears away one that was not ready.
    func finishIfBegun() throws(EngineError) {
        if isThere(markPath) {
            // The mark, too, may be a killed process's: without it on disk a power failure would leave half of the restore.
            try sync(folder.path)
            try placeVault()
            try placeStore()
            // Also what a killed process has renamed is on disk before the mark goes.
            if isThere(folder.storePath) { try sync(folder.storePath) }
            try sync(folder.path)
            guard unlink(markPath) == 0 else { throw EngineError(.unavailable, "A file cannot be removed.") }
            try sync(folder.path)
        }
        try discard()
    }

    /// Clears away what is not in its place.
    func discard() throws(EngineError) {
        if isThere(vaultPath) {
            // Unlinked files leave their blocks behind: a key that is destroyed one day must not survive there.
            try mapping { () throws(StoreError) in try SlotFile(folder: vaultPath).wipe() }
            try remove(vaultPath)
        }
        if isThere(storePath) { try remove(storePath) }
    }

    /// What is destroyed is overwritten in its place.
    private func placeVault() throws(EngineError) {
        guard isThere(vaultPath) else { return }
        guard folder.hasVault else {
            // A folder that a crash has left without files in it.
            rmdir(folder.vaultPath)
            return try move(vaultPath, to: folder.vaultPath)
        }
        try mapping { () throws(StoreError) in
            let present = try SlotFile(folder: folder.vaultPath)
            var changed: [(slot: UInt32, record: SlotRecord)] = []
            try SlotFile(folder: vaultPath).forEach { slot, record in
                let copies = present.copies(slot)
                if !copies.areEqual || copies.first != record { changed.append((slot, record)) }
            }
            try present.write(changed)
        }
    }

    private func placeStore() throws(EngineError) {
        guard isThere("\(storePath)/data.mdb") else { return }
        try make(folder.storePath)
        try move("\(storePath)/data.mdb", to: folder.storeFilePath)
    }
}

extension PreparedRestore {
    private func isThere(_ path: String) -> Bool { access(path, F_OK) == 0 }

    private func move(_ source: String, to target: String) throws(EngineError) {
        guard rename(source, target) == 0 else { throw EngineError(.unavailable, "A file cannot be renamed.") }
    }

    private func remove(_ path: String) throws(EngineError) {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw EngineError(.unavailable, "A folder cannot be removed.")
        }
    }

    private func make(_ path: String) throws(EngineError) {
        try mapping { () throws(StoreError) in try Folder.make(path) }
    }

    private func sync(_ path: String) throws(EngineError) {
        try mapping { () throws(StoreError) in try Folder.sync(path) }
    }

    private func mapping(_ body: () throws(StoreError) -> Void) throws(EngineError) {
        do throws(StoreError) {
            try body()
        } catch {
            throw EngineError(error)
        }
    }
}
