import Glibc
import Store

/// A file for its owner's eyes that is written from start to end beside its place, and put there when it is whole and on disk: a reader
/// finds what was there before, or all of it. One that is not finished leaves nothing behind.
package final class OutputFile {
    private let file: Int32
    private let path: String
    private let unfinishedPath: String
    private var isFinished = false

    /// - Throws: `.unavailable` where no file can be created there.
    init(path: String) throws(EngineError) {
        // A device or a folder is not to be replaced.
        var status = stat()
        guard lstat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG else {
            throw Self.failure("it exists and is not a regular file")
        }
        self.path = path
        Unfinished.removeLeftovers(of: path)
        unfinishedPath = Unfinished.name(beside: path)
        file = open(unfinishedPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Self.systemFailure }
        flock(file, LOCK_EX | LOCK_NB)
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
        if !isFinished { unlink(unfinishedPath) }
    }

    func write(_ bytes: some Collection<UInt8>) throws(EngineError) {
        let bytes = Array(bytes)
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress?.advanced(by: written), $0.count - written) }
            guard count > 0 else { throw Self.systemFailure }
            written += count
        }
    }

    /// Makes what was written durable and puts it in its place.
    func finish() throws(EngineError) {
        guard fsync(file) == 0, rename(unfinishedPath, path) == 0 else { throw Self.systemFailure }
        isFinished = true
        do {
            try Folder.sync(Folder.parent(of: path))
        } catch {
            throw Self.systemFailure
        }
    }

    /// What the error of a file that cannot be written begins with; the reason follows. Whoever knows the path names it.
    package static let failurePrefix = "A file cannot be written: "

    private static func failure(_ reason: String) -> EngineError { EngineError(.unavailable, "\(failurePrefix)\(reason)") }

    private static var systemFailure: EngineError { failure(String(cString: strerror(errno))) }
}
