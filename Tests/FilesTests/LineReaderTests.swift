import Files
import Foundation
import Testing

private func read(_ bytes: [UInt8], bytesMax: Int = LineReader.lineBytesMax) throws -> [String] {
    let file = try TemporaryFile(bytes)
    let reader = LineReader(TextSource(try ByteSource(path: file.path)), bytesMax: bytesMax)
    var found: [String] = []
    while let line = try reader.next() { found.append("\(line.number):" + (line.problem.map { "!\($0)" } ?? line.text)) }
    return found
}

@Suite struct LineReaderTests {
    @Test(arguments: [
        ("a\nb\n", ["1:a", "2:b"]), ("a\r\nb", ["1:a", "2:b"]), ("a\rb\rc", ["1:a", "2:b", "3:c"]),
        ("\u{FEFF}a\n\u{FEFF}b\n", ["1:a", "2:b"]),
        ("a\n\n b\n", ["1:a", "2:", "3: b"]), ("a\nb\rc\n", ["1:a", "2:b\rc"]), ("", []), ("\n", ["1:"]), ("a\r\n\r\n", ["1:a", "2:"]),
    ])
    func linesEndAsFilesHaveThem(_ text: String, _ lines: [String]) throws {
        #expect(try read(Array(text.utf8)) == lines)
    }

    @Test(arguments: [99, 100, 101, 65_534, 65_535, 65_536, 65_537, 200_000])
    func aLineThatIsTooLongCostsItselfAlone(_ length: Int) throws {
        let long = String(repeating: "x", count: length)
        for lineBreak in ["\n", "\r\n"] {
            let found = try read(Array("a\(lineBreak)\(long)\(lineBreak)b\(lineBreak)".utf8), bytesMax: 100)
            #expect(found == ["1:a", length > 100 ? "2:!is longer than 100 bytes" : "2:\(long)", "3:b"])
        }
        #expect(try read(Array(long.utf8), bytesMax: 100).count == 1)
    }

    @Test func aLineThatIsNoUTF8IsRefusedByName() throws {
        let found = try read(Array("a\nCaf".utf8) + [0xE9, 0x0A, 0x62])
        #expect(found[0] == "1:a" && found[1].hasPrefix("2:!is not UTF-8 (byte 0xE9 at position 4)") && found[2] == "3:b")
    }

    @Test(
        arguments: [
            ([0x50, 0x4B, 0x03, 0x04, 0, 0, 0, 0], "Excel"), ([0xFF, 0xFE, 0, 0, 0x61, 0, 0, 0], "UTF-32"),
            ([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0xFF, 0xFF], "damaged"), ([0x1F, 0x8B, 8, 0, 0, 0, 0, 0], "ends too early"),
        ] as [([UInt8], String)])
    func whatIsNoTextIsNamed(_ bytes: [UInt8], _ name: String) throws {
        let error = #expect(throws: FileError.self) { try read(bytes) }
        #expect(error?.description.contains(name) ?? false)
    }

    @Test func aWholeTextNamesTheLineThatIsNone() throws {
        let file = try TemporaryFile(Array("a\nb\nCaf".utf8) + [0xE9])
        let error = #expect(throws: FileError.self) { try WholeText.read(try ByteSource(path: file.path), bytesMax: 100) }
        #expect(error?.description.hasPrefix("line 3 is not UTF-8") ?? false)
        #expect(throws: FileError("it is larger than 3 bytes")) { try WholeText.read(try ByteSource(path: file.path), bytesMax: 3) }
        #expect(throws: FileError.self) { try ByteSource(path: "/nowhere") }
    }
}
