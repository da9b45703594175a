/// Writes CSV as spreadsheets read it: RFC 4180 with CRLF in UTF-8, to begin with a byte order mark, without which Excel takes the text for
/// Windows-1252. Every CSV that Attune writes is written here.
///
/// What a spreadsheet would take for a formula gets a `'` in front (OWASP, "CSV Injection"). Lists are split at `;` in most of Europe,
/// elsewhere at tabs or `|`, and quotes then mean nothing: so it does after any of these, too.
package struct CSVText: Sendable {
    package enum Cell: Sendable {
        case empty
        case text(String)
        /// A number or a truth value, which is no formula whatever it begins with.
        case plain(String)
    }

    /// How many characters (UTF-16 code units) a cell of Excel holds; more are cut off when the file is opened.
    package static let charactersPerCellMax = 32_767

    package static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    package private(set) var bytes: [UInt8] = []

    package init() {}

    package mutating func row(_ cells: some Sequence<Cell>) {
        var isFirst = true
        for cell in cells {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            switch cell {
            case .empty: break
            case .plain(let text): bytes += text.utf8
            case .text(let text): quote(Self.guarded(text))
            }
        }
        bytes += "\r\n".utf8
    }

    /// The header.
    package mutating func row(names: some Sequence<String>) { row(names.map { Cell.text($0) }) }

    private mutating func quote(_ text: String) {
        let mark = UInt8(ascii: "\"")
        bytes.append(mark)
        for byte in text.utf8 {
            if byte == mark { bytes.append(mark) }
            bytes.append(byte)
        }
        bytes.append(mark)
    }

    // MARK: Formulas

    private static let openers: Set<Unicode.Scalar> = ["=", "+", "-", "@", "\t", "\r"]
    private static let separators: Set<Unicode.Scalar> = [";", "|", "\t", "\r", "\n"]

    private static func guarded(_ text: String) -> String {
        // Most texts hold none of them.
        guard !isPhoneNumber(text), text.unicodeScalars.contains(where: openers.contains) else { return text }
        var result = String.UnicodeScalarView()
        // Whether a cell would begin here, were the text split at a separator; quotes in between vanish.
        var isStart = true
        for scalar in text.unicodeScalars {
            if isStart, openers.contains(scalar) {
                result.append("'")
                isStart = false
            }
            result.append(scalar)
            if separators.contains(scalar) { isStart = true } else if scalar != "\"" { isStart = false }
        }
        return String(result)
    }

    /// A number as people write it internationally, which spreadsheets take for a text or a number.
    private static func isPhoneNumber(_ text: String) -> Bool {
        guard text.utf8.first == UInt8(ascii: "+"), text.utf8.count <= 32 else { return false }
        var digits = 0
        for byte in text.utf8.dropFirst() {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
            case UInt8(ascii: " "), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "/"): break
            default: return false
            }
        }
        return (7...15).contains(digits)
    }

    // MARK: Long values

    /// A cell has room for the mark before a formula.
    private static let pieceMax = charactersPerCellMax - 1
    /// How far from its end a piece may end early, so that the next one does not begin with what looks like a formula.
    private static let roomForEnd = 256

    /// A text in pieces that a cell holds each: together they are what a single cell would hold.
    package static func pieces(of text: String) -> [String] {
        // No text is longer in UTF-16 than in UTF-8; marks come to half of it at most.
        guard text.utf8.count > pieceMax / 2 else { return [text] }
        let text = guarded(text)
        guard text.utf16.count > pieceMax else { return [text] }
        var pieces: [String] = []
        var (piece, length) = (String.UnicodeScalarView(), 0)
        for scalar in text.unicodeScalars {
            let width = UTF16.width(scalar)
            let isGoodStart = scalar != "\"" && !openers.contains(scalar)
            if length + width > pieceMax || length > pieceMax - roomForEnd && isGoodStart {
                pieces.append(String(piece))
                (piece, length) = (String.UnicodeScalarView(), 0)
            }
            piece.append(scalar)
            length += width
        }
        return pieces + [String(piece)]
    }
}
