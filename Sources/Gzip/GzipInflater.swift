import CZlib

/// What a compressed body can be wrong in.
package enum GzipError: Error, Sendable, Equatable {
    /// The bytes are no gzip (RFC 1952), or fail their check.
    case corrupt
    /// More comes out than the caller takes.
    case tooLarge
}

/// Inflates gzip (RFC 1952) piece by piece and stops as soon as more comes out than is wanted, however little went in.
package struct GzipInflater: ~Copyable {
    private let stream: UnsafeMutablePointer<z_stream>
    private let bytesMax: Int
    private var isAtEnd = false
    /// What has come out so far.
    package private(set) var output: [UInt8] = []
    private var bytesTaken = 0

    private static let pieceBytes = 65_536
    /// A window of 32 KB, and a gzip header.
    private static let gzipWindowBits: Int32 = 15 + 16

    /// - Parameter bytesMax: how much may come out.
    package init(bytesMax: Int) throws(GzipError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        self.bytesMax = bytesMax
        guard inflateInit2_(stream, Self.gzipWindowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            stream.deallocate()
            throw .corrupt
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Takes more of the compressed bytes.
    package mutating func append(_ input: UnsafeBufferPointer<UInt8>) throws(GzipError) {
        guard let base = input.baseAddress, !input.isEmpty else { return }
        stream.pointee.next_in = UnsafeMutablePointer(mutating: base)
        stream.pointee.avail_in = UInt32(input.count)
        while stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0 && !isAtEnd {
            // RFC 1952, 2.2: members may follow one another.
            if isAtEnd {
                guard inflateReset(stream) == Z_OK else { throw .corrupt }
                isAtEnd = false
            }
            guard try inflatePiece() else { return }
        }
    }

    /// - Returns: whether there may be more.
    private mutating func inflatePiece() throws(GzipError) -> Bool {
        let room = min(Self.pieceBytes, bytesMax + 1 - bytesTaken - output.count)
        var status = Z_OK
        let stream = stream
        let piece = [UInt8](unsafeUninitializedCapacity: room) { bytes, count in
            stream.pointee.next_out = bytes.baseAddress
            stream.pointee.avail_out = UInt32(room)
            status = inflate(stream, Z_NO_FLUSH)
            count = room - Int(stream.pointee.avail_out)
        }
        output += piece
        guard bytesTaken + output.count <= bytesMax else { throw .tooLarge }
        switch status {
        case Z_OK: return true
        case Z_STREAM_END:
            isAtEnd = true
            return stream.pointee.avail_in > 0
        case Z_BUF_ERROR: return false
        default: throw .corrupt
        }
    }

    /// Whether the bytes so far are whole.
    package var isComplete: Bool { isAtEnd }

    /// What has come out since it was last asked for: for those who read on and on.
    package mutating func takeOutput() -> [UInt8] {
        defer {
            bytesTaken += output.count
            output = []
        }
        return output
    }

    /// - Throws: where the bytes ended too early.
    package consuming func finish() throws(GzipError) -> [UInt8] {
        guard isAtEnd else { throw .corrupt }
        return output
    }
}
