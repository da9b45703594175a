import Glibc

/// A file that is written from start to end, and synced.
final class OutputFile {
    private let file: Int32

    /// Makes the file, or empties it.
    /// - Returns: nil where the file cannot be opened.
    init?(path: String) {
        file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { return nil }
    }

    /// Opens a file that is written already, to sync it.
    init?(finished path: String) {
        file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
    }

    deinit {
        close(file)
    }

    /// - Returns: whether all of it was written.
    func write(_ bytes: [UInt8]) -> Bool {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress?.advanced(by: written), $0.count - written) }
            guard count > 0 else { return false }
            written += count
        }
        return true
    }

    /// Makes what was written durable.
    func finish() -> Bool { fsync(file) == 0 }
}
