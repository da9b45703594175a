import AttuneCrypto
import Glibc
import Store
import Tokens

/// The file that holds the installation's master keys: one line each, `attune-master-key NUMBER BASE64URL`, the newest first.
///
/// More than one stands in it only while the vault is being re-wrapped from the old to the new.
struct MasterKeyFile {
    private static let label = "attune-master-key"

    struct Key {
        let number: UInt32
        let key: SymmetricKey
    }

    let path: String
    private(set) var keys: [Key]

    /// The key that wraps.
    var current: Key { keys[0] }

    func key(_ number: UInt32) -> SymmetricKey? {
        keys.first { $0.number == number }?.key
    }

    /// Reads the file; `nil` where there is none. Finishes what a crash has left of a replacement.
    /// - Throws: `.cannotOpen` for a file that others than its owner may read, or that holds something else.
    init?(reading path: String) throws(StoreError) {
        Self.eraseLeftovers(of: path)
        let file = open(path, O_RDONLY | O_CLOEXEC)
        if file < 0, errno == ENOENT { return nil }
        guard file >= 0 else { throw StoreError(.cannotOpen, "opening the master key file", number: errno) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & 0o077 == 0 else {
            throw StoreError(.cannotOpen, "reading a master key file that others may read; its mode must be 0600")
        }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(file, &bytes, bytes.count)
        guard count > 0 else { throw StoreError(.cannotOpen, "reading the master key file", number: errno) }
        self.path = path
        keys = []
        for line in String(decoding: bytes[..<count], as: UTF8.self).split(whereSeparator: \.isNewline) {
            keys.append(try Self.key(in: line))
        }
        guard !keys.isEmpty else { throw StoreError(.cannotOpen, "reading a master key file without a key") }
    }

    /// Makes a file with a new key.
    init(creating path: String) throws(StoreError) {
        self.path = path
        keys = [Key(number: 1, key: .random())]
        try write()
    }

    /// Puts a new key in front of the present ones, and writes the file.
    mutating func addKey() throws(StoreError) {
        keys.insert(Key(number: current.number + 1, key: .random()), at: 0)
        try write()
    }

    /// Leaves the newest key alone in the file.
    mutating func dropOldKeys() throws(StoreError) {
        keys.removeLast(keys.count - 1)
        try write()
    }

    private static func key(in line: Substring) throws(StoreError) -> Key {
        let parts = line.split(separator: " ")
        guard parts.count == 3, parts[0] == label, let number = UInt32(parts[1]), let bytes = Base64URL.decode(String(parts[2])),
            let key = try? SymmetricKey(bytes: bytes)
        else { throw StoreError(.cannotOpen, "reading the master key file") }
        return Key(number: number, key: key)
    }

    /// Erases what a crash has left of a replacement. Where this fails, say because the folder may only be read, the key is good all the
    /// same.
    private static func eraseLeftovers(of path: String) {
        let left = [newPath(path), formerPath(path)].filter { (name: String) in access(name, F_OK) == 0 }
        // The rename must be durable first: undone by a power failure, it would put the overwritten file back in its place.
        guard !left.isEmpty, (try? Folder.sync(Folder.parent(of: path))) != nil else { return }
        for path in left { try? erase(path) }
    }

    private static func newPath(_ path: String) -> String { path + ".new" }
    private static func formerPath(_ path: String) -> String { path + ".former" }

    /// Replaces the file: whole before or whole after, never in between. The former one's bytes are overwritten in place, for the blocks
    /// of a file that is only unlinked keep what they held.
    ///
    /// A crash leaves the former file under a second name until it is overwritten: `.former`, found by whoever reads the file next.
    private func write() throws(StoreError) {
        let text = keys.map { key in
            "\(Self.label) \(key.number) \(key.key.withBytes { Base64URL.encode(Array($0)) })\n"
        }.joined()
        let (new, former) = (Self.newPath(path), Self.formerPath(path))
        // What a crash has left there may have another mode.
        try Self.erase(new)
        try Self.erase(former)
        let file = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Self.failure }
        let isWritten = Array(text.utf8).withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) == $0.count } && fsync(file) == 0
        close(file)
        // A first file has none before it.
        guard isWritten, link(path, former) == 0 || errno == ENOENT else { throw Self.failure }
        try Folder.sync(folder)
        guard rename(new, path) == 0 else { throw Self.failure }
        try Folder.sync(folder)
        try Self.erase(former)
        try Folder.sync(folder)
    }

    /// Removes a file whose content must not survive it. One that has another name besides is the present file, before it was replaced,
    /// or somebody's own: that loses this name only.
    private static func erase(_ path: String) throws(StoreError) {
        let file = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC)
        if file < 0, errno == ENOENT { return }
        guard file >= 0 else { throw failure }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw failure }
        if status.st_nlink == 1 {
            let zeros = [UInt8](repeating: 0, count: Int(status.st_size))
            guard pwrite(file, zeros, zeros.count, 0) == zeros.count, fdatasync(file) == 0 else { throw failure }
        }
        guard unlink(path) == 0 else { throw failure }
    }

    private var folder: String { Folder.parent(of: path) }

    private static var failure: StoreError { StoreError(.cannotOpen, "writing the master key file", number: errno) }
}
