import Engine
import Foundation
import Testing

@Suite struct CSVTextTests {
    private func row(_ cells: CSVText.Cell...) -> String {
        var csv = CSVText()
        csv.row(cells)
        return String(decoding: csv.bytes, as: UTF8.self)
    }

    @Test func cellsAreQuotedAsRFC4180Says() {
        #expect(
            row(.text("a"), .text("b \"c\""), .empty, .plain("-1.5"), .text("ä,\r\nb")) == "\"a\",\"b \"\"c\"\"\",,-1.5,\"ä,\r\nb\"\r\n")
    }

    /// Cells that begin with a formula by any separator that a spreadsheet may split at.
    @Test(arguments: [
        ("=1+1", "'=1+1"), ("-1", "'-1"), ("+1", "'+1"), ("@a", "'@a"), ("\t=1", "'\t'=1"), ("\r=1", "'\r'=1"), ("a;=1", "a;'=1"),
        ("a|+1", "a|'+1"), ("a\t-1", "a\t'-1"), ("a\r\n@b", "a\r\n'@b"), ("\"=1", "\"'=1"), ("x\";=1;\"", "x\";'=1;\""),
        (";\"=1", ";\"'=1"), ("a=1-2", "a=1-2"), ("2026-01-01", "2026-01-01"), ("+49 (30) 123-4567", "+49 (30) 123-4567"), ("'=1", "'=1"),
    ])
    func formulasAreGuarded(text: String, guarded: String) {
        #expect(row(.text(text)) == "\"\(guarded.replacing("\"", with: "\"\""))\"\r\n")
    }

    @Test(arguments: ["y", "ä", "😀", "=", ";=", "\";=", "\r\n-"])
    func longTextsGoOnInFurtherCells(unit: String) {
        let text = String(repeating: unit, count: 100_000 / unit.utf16.count)
        let pieces = CSVText.pieces(of: text)
        #expect(pieces.count > 3)
        for piece in pieces {
            let cell = String(row(.text(piece)).dropFirst().dropLast(3)).replacing("\"\"", with: "\"")
            #expect(cell.utf16.count <= CSVText.charactersPerCellMax)
        }
        #expect(pieces.joined().replacing("'", with: "") == text)
    }

    @Test func aShortTextIsOnePiece() {
        #expect(CSVText.pieces(of: "a") == ["a"])
        #expect(CSVText.pieces(of: String(repeating: "y", count: 32_000)).count == 1)
    }

    /// What goes on in further rows is the same entry's, in the same column.
    @Test func aLongValueOfAnExportGoesOnInFurtherRows() throws {
        var table = ExportTable()
        let long = String(repeating: "long", count: 20_000)
        let bytes = table.rows(
            "aiExchanges", try UserID("u"), Array(#"{"at":"2026-01-01T00:00:00Z","sent":"\#(long)","more":{"a":1}}"#.utf8))
        let rows = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n").dropLast()
        #expect(rows.count == 4)
        for (place, row) in rows.dropLast().enumerated() { #expect(row.hasPrefix(#""aiExchanges","u",1,\#(place + 1),"#)) }
        let values = rows.dropLast().map { row in row.split(separator: ",").first { $0.contains("long") }?.dropFirst().dropLast() ?? "" }
        #expect(values.joined() == long)
        #expect(rows.last?.contains(#""more""#) == true || rows.last?.contains(#"aiExchanges.more"#) == true)
    }
}
