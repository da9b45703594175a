/// What a text is encoded in, as its first bytes tell.
package enum TextEncoding: Sendable, Equatable {
    case utf8
    case utf16LittleEndian
    case utf16BigEndian

    static let markOfUTF8: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// - Returns: the encoding and how long the byte order mark is; 0 where there is none.
    /// - Throws: for UTF-32, which nothing that people use writes by default.
    static func detect(_ head: some Collection<UInt8>) throws(FileError) -> (encoding: TextEncoding, markBytes: Int) {
        let head = Array(head.prefix(8))
        if head.starts(with: markOfUTF8) { return (.utf8, markOfUTF8.count) }
        if head.starts(with: [0xFF, 0xFE, 0, 0]) || head.starts(with: [0, 0, 0xFE, 0xFF]) {
            throw FileError("this is UTF-32; save it as UTF-8")
        }
        if head.starts(with: [0xFF, 0xFE]) { return (.utf16LittleEndian, 2) }
        if head.starts(with: [0xFE, 0xFF]) { return (.utf16BigEndian, 2) }
        // Without a mark: ASCII in UTF-16 has a zero in every second byte, and no text in UTF-8 has one.
        guard head.count >= 4 else { return (.utf8, 0) }
        if head[0] != 0, head[1] == 0, head[2] != 0, head[3] == 0 { return (.utf16LittleEndian, 0) }
        if head[0] == 0, head[1] != 0, head[2] == 0, head[3] != 0 { return (.utf16BigEndian, 0) }
        return (.utf8, 0)
    }

    /// What to say of bytes that are no text of this encoding.
    /// - Parameter bytes: a line, as UTF-8 if it were good.
    func complaint(about bytes: some Collection<UInt8>) -> String {
        guard self == .utf8 else { return "is not valid UTF-16" }
        let bytes = Array(bytes)
        let place = InvalidUTF8.firstOffset(in: bytes) ?? 0
        let byte = place < bytes.count ? String(bytes[place], radix: 16, uppercase: true) : "?"
        return "is not UTF-8 (byte 0x\(byte) at position \(place + 1)); it looks like Windows-1252 or Latin-1. Save the file as UTF-8"
    }
}

enum InvalidUTF8 {
    /// Where the first byte is that belongs to no character; nil: nowhere.
    static func firstOffset(in bytes: [UInt8]) -> Int? {
        var decoder = Unicode.UTF8.ForwardParser()
        var source = bytes.makeIterator()
        var offset = 0
        while true {
            switch decoder.parseScalar(from: &source) {
            case .valid(let scalar): offset += scalar.count
            case .error: return offset
            case .emptyInput: return nil
            }
        }
    }
}

/// The text of a source as UTF-8, piece by piece, without its byte order mark. UTF-16 is converted; bytes that are none become a byte that
/// no UTF-8 has, so that the line they are in is refused. UTF-8 is handed on as it is: whoever reads lines checks them.
package final class TextSource {
    private let source: ByteSource
    private var units = UTF16Units()
    package private(set) var encoding = TextEncoding.utf8
    private var isBegun = false
    private var held: [UInt8] = []

    package init(_ source: ByteSource) {
        self.source = source
    }

    /// The first byte that is no blank and no line break, without taking it; nil where there is none within the first MiB.
    package func firstByte() throws(FileError) -> UInt8? {
        var looked = 0
        while true {
            if let byte = held[looked...].first(where: { $0 > 0x20 }) { return byte }
            looked = held.count
            guard looked <= 1 << 20 else { return nil }
            let piece = try readOn()
            if piece.isEmpty { return nil }
            held += piece
        }
    }

    /// The next piece; empty at the end.
    package func read() throws(FileError) -> [UInt8] {
        guard held.isEmpty else {
            defer { held = [] }
            return held
        }
        return try readOn()
    }

    private func readOn() throws(FileError) -> [UInt8] {
        while true {
            var piece = try source.read()
            guard !piece.isEmpty else { return units.end() }
            if !isBegun {
                // A decompressed piece may be shorter than a mark.
                while piece.count < 4 {
                    let more = try source.read()
                    if more.isEmpty { break }
                    piece += more
                }
                isBegun = true
                let (found, markBytes) = try TextEncoding.detect(piece)
                encoding = found
                piece.removeFirst(markBytes)
            }
            let text = encoding == .utf8 ? piece : units.take(piece, isBigEndian: encoding == .utf16BigEndian)
            if !text.isEmpty { return text }
        }
    }
}

/// UTF-16 (RFC 2781) to UTF-8, across pieces.
private struct UTF16Units {
    private static let invalid: UInt8 = 0xFF
    private var half: UInt8?
    private var lead: UInt16?

    mutating func take(_ piece: [UInt8], isBigEndian: Bool) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(piece.count)
        for byte in piece {
            guard let first = half else {
                half = byte
                continue
            }
            half = nil
            let unit = isBigEndian ? UInt16(first) << 8 | UInt16(byte) : UInt16(byte) << 8 | UInt16(first)
            add(unit, to: &text)
        }
        return text
    }

    private mutating func add(_ unit: UInt16, to text: inout [UInt8]) {
        if let high = lead {
            lead = nil
            if UTF16.isTrailSurrogate(unit) {
                let value = 0x10000 + (UInt32(high - 0xD800) << 10) + UInt32(unit - 0xDC00)
                if let scalar = Unicode.Scalar(value) { text += Array(String(scalar).utf8) }
                return
            }
            text.append(Self.invalid)
        }
        if UTF16.isLeadSurrogate(unit) {
            lead = unit
        } else if unit < 0x80 {
            text.append(UInt8(unit))
        } else if let scalar = Unicode.Scalar(unit) {
            text += Array(String(scalar).utf8)
        } else {
            text.append(Self.invalid)
        }
    }

    /// What is left at the end is half of something.
    mutating func end() -> [UInt8] {
        guard half != nil || lead != nil else { return [] }
        (half, lead) = (nil, nil)
        return [Self.invalid]
    }
}
