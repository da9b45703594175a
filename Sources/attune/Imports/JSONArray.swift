import Files

/// The elements of one JSON array, read one after another: exports are often written so. An element that is too long costs itself only.
final class JSONArray: EntryReader {
    private let text: TextSource
    private let bytesMax: Int
    private var piece: [UInt8] = []
    private var place = 0
    private var line = 1
    private var hasBegun = false
    private var hasEnded = false
    let preamble: [UInt8] = []
    let notices: [String] = []

    init(_ text: TextSource, bytesMax: Int = LineReader.lineBytesMax) {
        (self.text, self.bytesMax) = (text, bytesMax)
    }

    func next() throws(FileError) -> ImportEntry? {
        var element: [UInt8] = []
        var (depth, isQuoted, isEscaped, isTooLong, begun) = (0, false, false, false, 0)
        while let byte = try take() {
            if hasEnded {
                if !Self.isBlank(byte) { throw FileError("line \(line): there is text behind the array") }
                continue
            }
            guard hasBegun else {
                hasBegun = byte == UInt8(ascii: "[")
                continue
            }
            if !isQuoted, depth == 0, byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") {
                hasEnded = byte == UInt8(ascii: "]")
                if begun > 0 { return entry(begun, element, isTooLong) }
                continue
            }
            if begun == 0 {
                if Self.isBlank(byte) { continue }
                begun = line
            }
            if isQuoted {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isQuoted = false
                }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isQuoted = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
                default: break
                }
            }
            isTooLong = isTooLong || element.count >= bytesMax
            if !isTooLong { element.append(byte) }
        }
        return begun > 0 ? entry(begun, element, isTooLong) : nil
    }

    private func entry(_ begun: Int, _ element: [UInt8], _ isTooLong: Bool) -> ImportEntry {
        func refused(_ problem: String) -> ImportEntry { ImportEntry(line: begun, raw: element, content: .failure(FileError(problem))) }
        if isTooLong { return refused("is longer than \(bytesMax) bytes") }
        guard let json = String(validating: element, as: UTF8.self) else { return refused("is not UTF-8. Save the file as UTF-8") }
        return ImportEntry(line: begun, raw: element.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }, content: .success(json))
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

    private func take() throws(FileError) -> UInt8? {
        if place == piece.count {
            piece = try text.read()
            place = 0
            if piece.isEmpty { return nil }
        }
        defer { place += 1 }
        if piece[place] == 0x0A { line += 1 }
        return piece[place]
    }
}
