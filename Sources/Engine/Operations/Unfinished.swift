import AttuneCrypto
import FoundationEssentials
import Glibc
import Store
import Tokens

/// Files and folders that are being written beside their places. Whoever writes one holds a lock on it, so one without a lock is what a
/// killed process has left.
enum Unfinished {
    private static let mark = ".unfinished-"
    private static let suffixBytes = 6

    static func name(beside path: String) -> String {
        "\(path)\(mark)\(Base64URL.encode(SecureRandom.bytes(suffixBytes)))"
    }

    /// Opens and locks a folder of such a name, until the result is closed.
    static func hold(_ folder: String) -> Int32 {
        let file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if file >= 0 { flock(file, LOCK_EX | LOCK_NB) }
        return file
    }

    /// Removes what killed processes have left beside a path. What cannot be removed does no harm.
    static func removeLeftovers(of path: String) {
        let (folder, name) = (Folder.parent(of: path), path.split(separator: "/").last.map(String.init) ?? path)
        let length = name.utf8.count + mark.utf8.count + Base64URL.encode([UInt8](repeating: 0, count: suffixBytes)).utf8.count
        for found in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        where found.hasPrefix(name + mark) && found.utf8.count == length {
            let left = "\(folder)/\(found)"
            let file = open(left, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
            guard file >= 0 else { continue }
            if flock(file, LOCK_EX | LOCK_NB) == 0 { remove(left) }
            close(file)
        }
    }

    /// Removes a file, or a folder with all that is in it. Wrapped keys in it are overwritten: a key that is destroyed one day must not
    /// survive there.
    static func remove(_ path: String) {
        let vault = "\(path)/vault"
        if FileManager.default.fileExists(atPath: vault) { try? SlotFile(folder: vault).wipe() }
        try? FileManager.default.removeItem(atPath: path)
    }
}
