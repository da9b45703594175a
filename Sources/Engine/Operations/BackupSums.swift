import AttuneCrypto
import FoundationEssentials
import Glibc
import Tokens

/// What the files of a backup are, sealed under the installation's master key: LMDB believes its pages, so a backup's file is compared
/// with its digest before LMDB opens it.
///
/// A text file, `sums`. `attune-backup 1 NUMBER`, the number of the master key; for each file a line `NAME BYTES SHA-256`; at the end
/// `seal` and an HMAC-SHA-256 of all lines before, both codes in Base64URL.
struct BackupSums {
    static let name = "sums"
    static let files = ["store/data.mdb"] + SlotFile.names.map { "vault/\($0)" }
    private static let head = "attune-backup 1"
    private static let bytesMax = 4096

    enum Finding {
        /// The files are what was backed up.
        case whole
        /// There are no sums, as in backups of older versions.
        case absent
        /// The files are those that the sums name; whether the sums are ours cannot be told, since they are sealed by another master key.
        case unsealed
    }

    /// Writes the sums of a backup's files, synced.
    static func write(in folder: String, sealedBy key: MasterKeyFile.Key) throws(EngineError) {
        var text = "\(head) \(key.number)\n"
        for name in files { text += try line(name, of: "\(folder)/\(name)") }
        text += "seal \(Base64URL.encode(try code(text, key)))\n"
        let file = try OutputFile(path: "\(folder)/\(Self.name)")
        try file.write(Array(text.utf8))
        try file.finish()
    }

    /// Compares a backup's files with their sums.
    /// - Parameter copies: where the files lie that are compared, by name; those that are not named lie in the backup.
    /// - Throws: `.damaged` where they differ, or the sums are not whole.
    static func check(_ folder: String, copies: [String: String], keys: [MasterKeyFile.Key]) throws(EngineError) -> Finding {
        let path = "\(folder)/\(name)"
        guard FileManager.default.fileExists(atPath: path) else { return .absent }
        guard let bytes = FileManager.default.contents(atPath: path), bytes.count <= bytesMax,
            let text = String(bytes: bytes, encoding: .utf8)
        else { throw damaged("its list of sums is not whole") }
        let lines = text.split(separator: "\n")
        guard lines.count == files.count + 2, lines[0].hasPrefix(head + " "), let number = UInt32(lines[0].dropFirst(head.count + 1)),
            let seal = lines.last, seal.hasPrefix("seal "), let code = Base64URL.decode(String(seal.dropFirst(5)))
        else { throw damaged("its list of sums is not whole") }
        let said = lines.dropLast().map { $0 + "\n" }.joined()
        var found = "\(lines[0])\n"
        for name in files { found += try line(name, of: copies[name] ?? "\(folder)/\(name)") }
        guard found == said else { throw damaged("a file is not what was backed up") }
        guard let key = keys.first(where: { $0.number == number }) else { return .unsealed }
        guard ConstantTime.areEqual(code, try Self.code(said, key)) else {
            throw EngineError(
                .unavailable,
                "The backup's list of sums is not sealed by this master key: the key is another one, or the backup is damaged. "
                    + "Nothing was changed."
            )
        }
        return .whole
    }

    static func damaged(_ what: String) -> EngineError {
        EngineError(.damaged, "The backup is damaged: \(what). Nothing was changed.")
    }

    private static func line(_ name: String, of path: String) throws(EngineError) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw damaged("\(name) cannot be read") }
        defer { close(file) }
        var hash = SHA256()
        var total = 0
        var piece = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = piece.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
            guard count >= 0 else { throw damaged("\(name) cannot be read") }
            if count == 0 { return "\(name) \(total) \(Base64URL.encode(hash.finalize()))\n" }
            piece.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            total += count
        }
    }

    private static func code(_ text: String, _ key: MasterKeyFile.Key) throws(EngineError) -> [UInt8] {
        do throws(CryptoError) {
            return try HMACSHA256Key(key.key.derive(info: Array("attune backup sums".utf8))).authenticationCode(for: Array(text.utf8))
        } catch {
            throw EngineError(.internalError, "A backup's sums cannot be sealed.")
        }
    }
}
