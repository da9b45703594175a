import Glibc

/// A file for its owner's eyes that is written from start to end, and synced.
final class OutputFile {
    private let file: Int32

    /// Makes the file, or empties it.
    /// - Throws: `.unavailable` where the file cannot be opened.
    init(path: String) throws(EngineError) {
        file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Self.failure }
        // One that was there may have another mode.
        guard fchmod(file, 0o600) == 0 else {
            close(file)
            throw Self.failure
        }
    }

    /// Makes a synced copy of a file.
    static func copy(_ source: String, to target: String) throws(EngineError) {
        let source = open(source, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else { throw EngineError(.unavailable, "A file cannot be read.") }
        defer { close(source) }
        let target = try OutputFile(path: target)
        var piece = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = read(source, &piece, piece.count)
            guard count >= 0 else { throw EngineError(.unavailable, "A file cannot be read.") }
            if count == 0 { return try target.finish() }
            try target.write(piece[..<count])
        }
    }

    deinit {
        close(file)
    }

    func write(_ bytes: some Collection<UInt8>) throws(EngineError) {
        let bytes = Array(bytes)
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress?.advanced(by: written), $0.count - written) }
            guard count > 0 else { throw Self.failure }
            written += count
        }
    }

    /// Makes what was written durable.
    func finish() throws(EngineError) {
        guard fsync(file) == 0 else { throw Self.failure }
    }

    private static var failure: EngineError { EngineError(.unavailable, "A file cannot be written.") }
}
