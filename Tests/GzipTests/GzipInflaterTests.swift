import CZlib
import Gzip
import Testing

@Suite struct GzipInflaterTests {
    /// A gzip member, as zlib makes it.
    private func compress(_ bytes: [UInt8]) -> [UInt8] {
        var stream = z_stream()
        deflateInit2_(&stream, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        defer { deflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))) + 64)
        let count = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                _ = deflate(&stream, Z_FINISH)
                return output.count - Int(stream.avail_out)
            }
        }
        return Array(output.prefix(count))
    }

    private func inflate(_ bytes: [UInt8], pieces: Int = 1, bytesMax: Int = 1 << 20) throws -> [UInt8] {
        var inflater = try GzipInflater(bytesMax: bytesMax)
        let size = max(1, (bytes.count + pieces - 1) / pieces)
        for start in stride(from: 0, to: bytes.count, by: size) {
            try Array(bytes[start..<min(start + size, bytes.count)]).withUnsafeBufferPointer { piece throws in try inflater.append(piece) }
        }
        return try inflater.finish()
    }

    @Test("inflates what zlib has deflated, in pieces of any size", arguments: [0, 1, 100, 65_535, 65_536, 65_537, 300_000], [1, 3, 1000])
    func roundTrip(count: Int, pieces: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
        #expect(try inflate(compress(bytes), pieces: pieces) == bytes)
    }

    @Test func membersMayFollowOneAnother() throws {
        #expect(try inflate(compress(Array("ab".utf8)) + compress(Array("cd".utf8))) == Array("abcd".utf8))
    }

    @Test func stopsAtABomb() throws {
        let bomb = compress([UInt8](repeating: 0, count: 50_000_000))
        #expect(bomb.count < 100_000)
        #expect(throws: GzipError.tooLarge) { try inflate(bomb, bytesMax: 524_288) }
        #expect(try inflate(compress([UInt8](repeating: 7, count: 524_288)), bytesMax: 524_288).count == 524_288)
    }

    @Test func refusesWhatIsNoGzip() throws {
        let whole = compress(Array("hello, hello".utf8))
        var flipped = whole
        flipped[whole.count - 6] ^= 1
        for bad in [Array("hello".utf8), Array(whole.dropLast(3)), flipped, []] {
            #expect(throws: GzipError.corrupt) { try inflate(bad) }
        }
    }
}
