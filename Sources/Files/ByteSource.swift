import Glibc
import Gzip

/// The bytes of a file, of a pipe, or of standard input, piece by piece; decompressed where they begin as gzip (RFC 1952, 2.3.1), whatever
/// the file is called.
package final class ByteSource {
    /// Of compressed input; 1 byte becomes at most 1,032 (deflate), so that a piece stays below 9 MB.
    private static let compressedBytesPerRead = 8192
    private static let bytesPerRead = 65_536

    private let file: Int32
    private let closes: Bool
    private var inflater: GzipStream?
    private var begun: [UInt8]?

    /// Its size on disk; nil for what is no regular file, so that it cannot be read twice.
    package let bytesTotal: Int?
    /// When it was last changed, in seconds since 1970; 0 for what is no regular file.
    package let changedAt: Int
    /// Bytes read so far, compressed or not.
    package private(set) var bytesRead = 0
    package var isCompressed: Bool { inflater != nil }

    /// - Parameter path: `-` is standard input.
    /// - Throws: where there is no such file, or it is of a kind that holds no text.
    package init(path: String) throws(FileError) {
        closes = path != "-"
        file = closes ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO
        guard file >= 0 else { throw FileError(String(cString: strerror(errno))) }
        var status = stat()
        let isRegular = fstat(file, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        bytesTotal = isRegular ? Int(status.st_size) : nil
        changedAt = isRegular ? Int(status.st_mtim.tv_sec) : 0
        let head = try head()
        if let kind = Self.foreignKind(head) { throw FileError(kind) }
        if head.starts(with: [0x1F, 0x8B]) {
            inflater = try GzipStream()
            begun = try inflate(head)
        } else {
            begun = head
        }
    }

    deinit {
        if closes { close(file) }
    }

    /// The next piece; empty at the end.
    package func read() throws(FileError) -> [UInt8] {
        if let piece = begun {
            begun = nil
            if !piece.isEmpty { return piece }
        }
        while true {
            let raw = try readRaw(isCompressed ? Self.compressedBytesPerRead : Self.bytesPerRead)
            guard isCompressed else { return raw }
            guard !raw.isEmpty else {
                guard inflater?.isComplete ?? true else { throw FileError("the compressed file ends too early") }
                return []
            }
            let piece = try inflate(raw)
            if !piece.isEmpty { return piece }
        }
    }

    /// Enough to tell what it is; pipes hand out as little as one byte at a time.
    private func head() throws(FileError) -> [UInt8] {
        var head: [UInt8] = []
        while head.count < 8 {
            let piece = try readRaw(Self.compressedBytesPerRead)
            if piece.isEmpty { break }
            head += piece
        }
        return head
    }

    private func readRaw(_ count: Int) throws(FileError) -> [UInt8] {
        while true {
            var got = 0
            let piece = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
                got = Glibc.read(file, buffer.baseAddress, count)
                initialized = max(0, got)
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw FileError(String(cString: strerror(errno))) }
            bytesRead += got
            return piece
        }
    }

    private func inflate(_ raw: [UInt8]) throws(FileError) -> [UInt8] {
        guard let inflater else { return raw }
        return try inflater.inflate(raw)
    }

    /// What spreadsheets and archivers write that is no text, by its first bytes.
    private static func foreignKind(_ head: [UInt8]) -> String? {
        let kinds: [([UInt8], String)] = [
            ([0x50, 0x4B, 0x03, 0x04], "this is a ZIP archive or an Excel workbook; extract it, or save it as CSV UTF-8"),
            ([0xD0, 0xCF, 0x11, 0xE0], "this is an old Excel workbook; save it as CSV UTF-8"),
            ([0x42, 0x5A, 0x68], "this is compressed with bzip2; only gzip is read"),
            ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "this is compressed with xz; only gzip is read"),
            ([0x28, 0xB5, 0x2F, 0xFD], "this is compressed with Zstandard; only gzip is read"),
            ([0x50, 0x41, 0x52, 0x31], "this is a Parquet file; convert it to JSON lines"),
        ]
        return kinds.first { head.starts(with: $0.0) }?.1
    }
}

/// Decompresses as it is read; a file may be of any size.
private final class GzipStream {
    private var inflater: GzipInflater
    private static let damaged = FileError("the compressed file is damaged")

    init() throws(FileError) {
        do {
            inflater = try GzipInflater(bytesMax: .max - 1)
        } catch {
            throw Self.damaged
        }
    }

    func inflate(_ bytes: [UInt8]) throws(FileError) -> [UInt8] {
        do throws(GzipError) {
            try bytes.withUnsafeBufferPointer { piece throws(GzipError) in try inflater.append(piece) }
        } catch {
            throw Self.damaged
        }
        return inflater.takeOutput()
    }

    var isComplete: Bool { inflater.isComplete }
}
