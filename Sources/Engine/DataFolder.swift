import FoundationEssentials
import Glibc
import Store

/// The folder that holds everything: store, vault, the server's socket. One process owns it, by a lock.
package final class DataFolder: Sendable {
    package let path: String
    private let lock: Int32

    var storePath: String { "\(path)/store" }
    var vaultPath: String { "\(path)/vault" }
    var storeFilePath: String { "\(storePath)/data.mdb" }
    package static func socketPath(in folder: String) -> String { "\(folder)/attune.sock" }
    package static func masterKeyPath(in folder: String) -> String { "\(folder)/master.key" }

    /// Another process has the folder.
    package static let inUse = EngineError(
        .unavailable, "Another process has the data folder: stop it, or name another folder with --data.")

    /// Makes the folder where there is none, and takes its lock.
    /// - Throws: `.unavailable` where another process owns it.
    package init(path: String) throws(EngineError) {
        self.path = path
        do {
            try Folder.make(path)
        } catch {
            throw EngineError(.unavailable, "The data folder cannot be made there: name one with --data that this user may write to.")
        }
        try Self.narrow(path)
        lock = open("\(path)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw EngineError(.unavailable, "The data folder cannot be opened.") }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            throw Self.inUse
        }
    }

    /// Shuts others out of the folder, before anything is made in it.
    ///
    /// A folder of other things, say `/tmp`, is left as it is and refused.
    private static func narrow(_ path: String) throws(EngineError) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw EngineError(.unavailable, "The data folder cannot be opened.") }
        guard status.st_mode & 0o077 != 0 else { return }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [""]
        guard names.isEmpty || isThere("\(path)/vault") || isThere("\(path)/lock"), chmod(path, 0o700) == 0 else {
            throw EngineError(
                .unavailable,
                "Others may enter the folder at \(path), so it cannot be the data folder: narrow it with `chmod 700`, or name one with "
                    + "--data that does not exist yet.")
        }
    }

    /// Lets another process, or another opening in this one, have the folder.
    func release() {
        flock(lock, LOCK_UN)
    }

    deinit {
        close(lock)
    }

    var hasVault: Bool { SlotFile.names.contains { Self.isThere("\(vaultPath)/\($0)") } }
    var hasStore: Bool { LMDBEngine.exists(inFolder: storePath) }

    private static func isThere(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
