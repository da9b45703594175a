/// A line or a record of a file, or why it is refused.
package struct FileLine: Sendable, Equatable {
    /// The line that it begins in; the first is 1.
    package let number: Int
    /// Without the line break; cut off where the line is too long.
    package let bytes: [UInt8]
    /// Why it cannot be read; nil: it can.
    package let problem: String?

    package init(number: Int, bytes: [UInt8], problem: String? = nil) {
        (self.number, self.bytes, self.problem) = (number, bytes, problem)
    }

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Whether there is nothing but blanks.
    package var isBlank: Bool { bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 } }
}

/// Reads lines one after another, whatever their number, in bounded memory: a line that is too long or no text costs itself only.
///
/// Lines end with LF or CRLF; in a text whose first line break is a CR alone, with CR.
package final class LineReader {
    package static let lineBytesMax = 1 << 20

    private let source: TextSource
    private let bytesMax: Int
    private var buffer: [UInt8] = []
    private var start = 0
    private var searchedTo = 0
    private var isAtEnd = false
    private var separator: UInt8?
    package private(set) var linesRead = 0

    package init(_ source: TextSource, bytesMax: Int = LineReader.lineBytesMax) {
        (self.source, self.bytesMax) = (source, bytesMax)
    }

    /// nil at the end.
    package func next() throws(FileError) -> FileLine? {
        while true {
            if let end = try endOfLine() {
                defer {
                    start = end + 1
                    searchedTo = start
                }
                return line(start..<end)
            }
            if isAtEnd {
                guard start < buffer.count else { return nil }
                defer {
                    start = buffer.count
                    searchedTo = start
                }
                return line(start..<buffer.count)
            }
            // A CR before the LF does not count.
            if buffer.count - start > bytesMax + 1 { return try skipLongLine() }
            try readMore()
        }
    }

    private func endOfLine() throws(FileError) -> Int? {
        while searchedTo < buffer.count {
            let byte = buffer[searchedTo]
            if let separator {
                if byte == separator { return searchedTo }
            } else if byte == 0x0A {
                separator = byte
                return searchedTo
            } else if byte == 0x0D {
                // What follows tells CRLF from CR.
                while searchedTo + 1 == buffer.count, !isAtEnd { try readMore() }
                separator = searchedTo + 1 < buffer.count && buffer[searchedTo + 1] != 0x0A ? 0x0D : 0x0A
                continue
            }
            searchedTo += 1
        }
        return nil
    }

    private func line(_ range: Range<Int>) -> FileLine {
        linesRead += 1
        var bytes = buffer[range]
        if bytes.last == 0x0D { bytes = bytes.dropLast() }
        // Files that were joined have their byte order marks in the middle.
        if bytes.starts(with: TextEncoding.markOfUTF8) { bytes = bytes.dropFirst(TextEncoding.markOfUTF8.count) }
        guard bytes.count <= bytesMax else { return tooLong(bytes) }
        let line = Array(bytes)
        let isText = (try? UTF8Span(validating: line.span)) != nil
        return FileLine(number: linesRead, bytes: line, problem: isText ? nil : source.encoding.complaint(about: line))
    }

    private func tooLong(_ bytes: ArraySlice<UInt8>) -> FileLine {
        FileLine(number: linesRead, bytes: Array(bytes.prefix(256)), problem: "is longer than \(bytesMax) bytes")
    }

    private func skipLongLine() throws(FileError) -> FileLine {
        linesRead += 1
        let refused = tooLong(buffer[start...])
        while true {
            if let end = try endOfLine() {
                start = end + 1
                searchedTo = start
                return refused
            }
            (start, searchedTo) = (buffer.count, buffer.count)
            if isAtEnd { return refused }
            try readMore()
        }
    }

    private func readMore() throws(FileError) {
        if start > 0 {
            buffer.removeFirst(start)
            searchedTo -= start
            start = 0
        }
        let piece = try source.read()
        if piece.isEmpty { isAtEnd = true } else { buffer += piece }
    }
}

/// A small text as a whole.
package enum WholeText {
    /// - Parameter bytesMax: of the decoded text.
    /// - Throws: for what is too large, or no text; the message names the first line that is none.
    package static func read(_ source: ByteSource, bytesMax: Int) throws(FileError) -> String {
        let text = TextSource(source)
        var bytes: [UInt8] = []
        while true {
            let piece = try text.read()
            if piece.isEmpty { break }
            bytes += piece
            guard bytes.count <= bytesMax else { throw FileError("it is larger than \(bytesMax) bytes") }
        }
        if let whole = String(validating: bytes, as: UTF8.self) { return whole }
        let offset = InvalidUTF8.firstOffset(in: bytes) ?? 0
        let line = bytes[..<offset].count { $0 == 0x0A } + 1
        let begin = bytes[..<offset].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let end = bytes[offset...].firstIndex(of: 0x0A) ?? bytes.count
        throw FileError("line \(line) \(text.encoding.complaint(about: bytes[begin..<end]))")
    }
}
