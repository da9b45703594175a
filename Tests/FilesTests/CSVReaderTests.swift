import Files
import Testing

/// One record as the tests write it: where it begins, its values, or `!` and why not.
private func read(_ text: String, bytesMax: Int = LineReader.lineBytesMax) throws -> [String] {
    try read(Array(text.utf8), bytesMax: bytesMax)
}

private func read(_ bytes: [UInt8], bytesMax: Int = LineReader.lineBytesMax) throws -> [String] {
    let file = try TemporaryFile(bytes)
    let reader = CSVReader(TextSource(try ByteSource(path: file.path)), bytesMax: bytesMax)
    var found: [String] = []
    while let record = try reader.next() {
        let doubt = record.isDoubtful ? "?" : ""
        found.append("\(record.line)\(doubt):" + (record.problem.map { "!\($0)" } ?? record.values.joined(separator: "|")))
    }
    return found
}

@Suite struct CSVReaderTests {
    @Test(arguments: [
        ("a,b\n1,2\n", ["1:a|b", "2:1|2"]),
        ("a,b\r\n1,2", ["1:a|b", "2:1|2"]),
        ("a,b\r1,2\r", ["1:a|b", "2:1|2"]),
        ("\u{FEFF}a,b\n\u{FEFF}1,2\n\u{FEFF}", ["1:a|b", "2:1|2"]),
        ("a;b\n1,5;2\n", ["1:a|b", "2:1,5|2"]),
        ("a\tb\n1\t \"x\ty\"\n", ["1:a|b", "2:1|x\ty"]),
        ("sep=;\r\na;b\r\n1,2;3\r\n", ["2:a|b", "3:1,2|3"]),
        ("\"a;x\",b\n1,2\n", ["1:a;x|b", "2:1|2"]),
        ("\n\n a , b \n\n 1 ,\t2 \n \n", ["3:a|b", "5:1|2"]),
        ("a,b\n1, \"x, y\" \n", ["1:a|b", "2:1|x, y"]),
        ("a,b\n\" x \",2\n", ["1:a|b", "2: x |2"]),
        ("a,b\n1,\"p\nq\"\n2,3\n", ["1:a|b", "2:1|p\nq", "4:2|3"]),
        ("a,b\r\n1,\"p\r\n\r\nq\"\r\n2,3\r\n", ["1:a|b", "2:1|p\r\n\r\nq", "5:2|3"]),
        ("a,b\n1,\"p\rq\"\n2,3\n", ["1:a|b", "2:1|p\rq", "4:2|3"]),
        ("a,b\n\"x \"\"y\"\"\",\"\"\n", ["1:a|b", "2:x \"y\"|"]),
        ("a,b\n5\" nail,it's \"good\"\n", ["1:a|b", "2:5\" nail|it's \"good\""]),
        ("a,b,,\n1,2,,\n,,,\n3,4\n", ["1:a|b||", "2:1|2||", "4:3|4"]),
        ("a,b\n1,\"\"\"\"\n", ["1:a|b", "2:1|\""]),
        ("", []),
        ("a", ["1:a"]),
    ])
    func recordsAreReadAsSpreadsheetsWriteThem(_ text: String, _ records: [String]) throws {
        #expect(try read(text) == records)
    }

    @Test(arguments: [
        ("a,b\n1,\"x\n2,y\n3,z\n", ["1:a|b", "2:!has a quote that is never closed", "3?:2|y", "4?:3|z"]),
        ("a,b\n1,\"x\" y\n2,z\n", ["1:a|b", "2:!has text behind a closing quote", "3?:2|z"]),
        ("a,b\n1,\"x\n2,\"y\"\n3,z\n", ["1:a|b", "2:!has text behind a closing quote", "3?:2|y", "4?:3|z"]),
    ])
    func aBrokenRecordCostsItsFirstLine(_ text: String, _ records: [String]) throws {
        #expect(try read(text) == records)
    }

    @Test func whatIsTooLongCostsItselfAlone() throws {
        let long = String(repeating: "x", count: 200)
        #expect(try read("a,b\n1,\(long)\n2,y\n", bytesMax: 100) == ["1:a|b", "2:!is longer than 100 bytes", "3?:2|y"])
        let many = String(repeating: "line\n", count: 40)
        let found = try read("a,b\n1,\"\(many)\n\n2,y\n", bytesMax: 100)
        #expect(found[1] == "2:!is longer than 100 bytes, with what is in quotes" && found.last == "44:2|y")
    }

    @Test func aRecordThatIsNoUTF8IsRefusedByName() throws {
        let found = try read(Array("a,b\n1,Caf".utf8) + [0xE9] + Array("\n2,y\n".utf8))
        #expect(found.count == 3 && found[1].hasPrefix("2:!is not UTF-8 (byte 0xE9 at position 6)") && found[1].contains("Windows-1252"))
        #expect(found[2] == "3:2|y")
    }

    @Test(arguments: [true, false], [true, false])
    func utf16IsRead(isBigEndian: Bool, hasMark: Bool) throws {
        var bytes: [UInt8] = []
        for unit in ((hasMark ? "\u{FEFF}" : "") + "id,b\r\n1,Müller 😀\r\n").utf16 {
            bytes += isBigEndian ? [UInt8(unit >> 8), UInt8(unit & 255)] : [UInt8(unit & 255), UInt8(unit >> 8)]
        }
        #expect(try read(bytes) == ["1:id|b", "2:1|Müller 😀"])
    }

    @Test func aBrokenSurrogateIsNoCharacter() throws {
        let found = try read([0xFF, 0xFE, 0x61, 0, 0x0A, 0, 0x00, 0xD8, 0x0A, 0, 0x62, 0, 0x0A, 0])
        #expect(found == ["1:a", "2:!is not valid UTF-16", "3:b"])
    }

    @Test func aHeaderNamesEachColumnOnce() throws {
        func header(_ text: String) throws -> CSVHeader {
            let file = try TemporaryFile(Array(text.utf8))
            let reader = CSVReader(TextSource(try ByteSource(path: file.path)))
            return try CSVHeader(try #require(try reader.next()))
        }
        #expect(try header(",a,b,,\n").names == ["", "a", "b"])
        #expect(try header(",a,b,,\n").unnamed == [1])
        #expect(throws: FileError("the header has the column a twice")) { try header("a,b,a\n") }
    }
}
