/// A record of CSV (RFC 4180), or why it is refused.
package struct CSVRecord: Sendable, Equatable {
    /// The line that it begins in; the first is 1.
    package let line: Int
    /// Without padding; empty where the record is refused.
    package let values: [String]
    /// Its bytes as they stand in the file, without the last line break; cut off where it is too long.
    package let raw: [UInt8]
    /// Why it cannot be read; nil: it can.
    package let problem: String?
    /// It stands where a broken record was expected to go on: only a record with a value for every column is to be believed.
    package let isDoubtful: Bool
}

/// Reads CSV as RFC 4180 defines it and as spreadsheets write it, record by record, in bounded memory: line breaks and doubled quotes in
/// quotes (2.6, 2.7), LF, CRLF or CR, commas, semicolons or tabs (as the header has them, or as a first line `sep=;` says), blanks around
/// values. A record that is broken or too long costs its first line only.
///
/// It is our own since SwiftCSV 0.10 takes the whole text as one `String` and tells no line numbers, and ends at the first error.
package final class CSVReader {
    private let source: TextSource
    private let bytesMax: Int
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false
    private var line = 1
    /// How many bytes lie before the buffer.
    private var offset = 0
    /// Up to where records are doubtful, counted from the text's beginning.
    private var doubtfulUntil = 0
    private var separator = UInt8(ascii: ",")
    private var isBegun = false

    package init(_ source: TextSource, bytesMax: Int = LineReader.lineBytesMax) {
        (self.source, self.bytesMax) = (source, bytesMax)
    }

    /// nil at the end. Blank lines are passed over.
    package func next() throws(FileError) -> CSVRecord? {
        if !isBegun {
            isBegun = true
            try begin()
        }
        while true {
            discard()
            guard let record = try record() else { return nil }
            if record.problem != nil || !record.values.allSatisfy(\.isEmpty) { return record }
        }
    }

    // MARK: Bytes

    private func byte(at place: Int) throws(FileError) -> UInt8? {
        while place >= buffer.count {
            if isAtEnd { return nil }
            let piece = try source.read()
            if piece.isEmpty { isAtEnd = true } else { buffer += piece }
        }
        return buffer[place]
    }

    /// Lets go of what has been read, not byte by byte.
    private func discard() {
        guard start > 1 << 16 || start == buffer.count else { return }
        buffer.removeFirst(start)
        offset += start
        start = 0
    }

    /// The place behind the line break that begins there.
    private func afterBreak(at place: Int) throws(FileError) -> Int {
        guard buffer[place] == 0x0D, try byte(at: place + 1) == 0x0A else { return place + 1 }
        return place + 2
    }

    // MARK: The separator

    private func begin() throws(FileError) {
        var (counts, isQuoted, hasText): ([UInt8: Int], Bool, Bool) = ([:], false, false)
        var place = 0
        while place < bytesMax, let byte = try byte(at: place) {
            let isBreak = byte == 0x0A || byte == 0x0D
            // Blank lines before the header say nothing.
            if isBreak, !isQuoted, hasText { break }
            if !isBreak, byte != 0x20 { hasText = true }
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if !isQuoted, [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")].contains(byte) { counts[byte, default: 0] += 1 }
            place += 1
        }
        if place == 5, String(decoding: buffer[..<4], as: UTF8.self).lowercased() == "sep=" {
            separator = buffer[4]
            start = try byte(at: 5) == nil ? 5 : afterBreak(at: 5)
            line = 2
            return
        }
        separator = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? separator
    }

    // MARK: Records

    private enum State {
        /// Before a value: blanks may come, or a quote.
        case before
        case plain
        case quoted
        /// Behind a quote in quotes: the value's end, or the first of two.
        case quote
        /// Behind a quoted value: blanks may come.
        case after
    }

    private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 && separator != 0x09 }

    private func record() throws(FileError) -> CSVRecord? {
        guard try byte(at: start) != nil else { return nil }
        // Files that were joined have their byte order marks in the middle.
        if buffer[start] == TextEncoding.markOfUTF8[0], try byte(at: start + 2) != nil,
            buffer[start...].starts(with: TextEncoding.markOfUTF8)
        {
            start += TextEncoding.markOfUTF8.count
        }
        var draft = Draft()
        var state = State.before
        var place = start
        while true {
            guard place - start <= bytesMax else { return try refuseLongRecord() }
            guard let byte = try byte(at: place) else {
                guard state != .quoted else { return try refuseFirstLine("has a quote that is never closed") }
                draft.endValue(isQuoted: state == .quote || state == .after)
                return finish(draft, end: place, next: place)
            }
            let isBreak = byte == 0x0A || byte == 0x0D
            switch state {
            case .quoted:
                if byte == UInt8(ascii: "\"") {
                    state = .quote
                } else {
                    draft.value.append(byte)
                    // CR LF is one break, counted with its LF.
                    if isBreak {
                        let follower = byte == 0x0D ? try self.byte(at: place + 1) : nil
                        if follower != 0x0A { draft.breaks += 1 }
                    }
                }
            case .quote where byte == UInt8(ascii: "\""):
                draft.value.append(byte)
                state = .quoted
            case _ where isBreak:
                draft.endValue(isQuoted: state == .quote || state == .after)
                return finish(draft, end: place, next: try afterBreak(at: place))
            case _ where byte == separator:
                draft.endValue(isQuoted: state == .quote || state == .after)
                state = .before
            case .before where byte == UInt8(ascii: "\""):
                draft.value = []
                state = .quoted
            case .before:
                draft.value.append(byte)
                if !isBlank(byte) { state = .plain }
            case .plain:
                draft.value.append(byte)
            case .quote, .after:
                guard isBlank(byte) else { return try refuseFirstLine("has text behind a closing quote") }
                state = .after
            }
            place += 1
        }
    }

    /// A record that is being read.
    private struct Draft {
        var values: [[UInt8]] = []
        var value: [UInt8] = []
        var breaks = 0

        mutating func endValue(isQuoted: Bool) {
            if !isQuoted {
                while let last = value.last, last == 0x20 || last == 0x09 { value.removeLast() }
                value.removeFirst(value.prefix { $0 == 0x20 || $0 == 0x09 }.count)
            }
            values.append(value)
            value = []
        }
    }

    private func finish(_ draft: Draft, end: Int, next: Int) -> CSVRecord {
        let raw = Array(buffer[start..<end])
        let (number, isDoubtful) = (line, offset + start < doubtfulUntil)
        start = next
        line += draft.breaks + 1
        let values = draft.values.compactMap { String(validating: $0, as: UTF8.self) }
        let problem = values.count == draft.values.count ? nil : source.encoding.complaint(about: raw)
        return CSVRecord(line: number, values: problem == nil ? values : [], raw: raw, problem: problem, isDoubtful: isDoubtful)
    }

    /// Refuses the line in which a record begins that ends nowhere, and goes on behind that line.
    private func refuseFirstLine(_ problem: String) throws(FileError) -> CSVRecord {
        doubtfulUntil = max(doubtfulUntil, offset + min(buffer.count, start + bytesMax))
        var end = start
        while let byte = try byte(at: end), byte != 0x0A, byte != 0x0D { end += 1 }
        let raw = Array(buffer[start..<end])
        defer { line += 1 }
        start = end < buffer.count ? try afterBreak(at: end) : end
        return CSVRecord(line: line, values: [], raw: raw, problem: problem, isDoubtful: false)
    }

    private func refuseLongRecord() throws(FileError) -> CSVRecord {
        let problem = "is longer than \(bytesMax) bytes"
        if buffer[start..<min(buffer.count, start + bytesMax)].contains(where: { $0 == 0x0A || $0 == 0x0D }) {
            return try refuseFirstLine("\(problem), with what is in quotes")
        }
        let raw = Array(buffer[start...].prefix(256))
        var place = start
        while let byte = try byte(at: place), byte != 0x0A, byte != 0x0D {
            place += 1
            guard place - start > bytesMax else { continue }
            offset += place
            buffer.removeFirst(place)
            (start, place) = (0, 0)
        }
        defer { line += 1 }
        start = place < buffer.count ? try afterBreak(at: place) : place
        doubtfulUntil = offset + start + bytesMax
        return CSVRecord(line: line, values: [], raw: raw, problem: problem, isDoubtful: false)
    }
}
