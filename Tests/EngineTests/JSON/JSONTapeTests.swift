import Engine
import Testing

@Suite("JSONTape")
struct JSONTapeTests {
    @Test(
        "takes what RFC 8259 takes",
        arguments: [
            "{}", " [ ] ", "0", "-0", "-1.5e+10", "1E-2", "1e999", "\"\"", "\"\\u00e9\\ud83c\\udfe0\\n\"", "null", "true",
            "{\"a\":{\"b\":[1,2,{}]},\"a\":false}", "\t\r\n1", "\"é🏠\"",
        ])
    func valid(_ text: String) {
        #expect(JSONTape(Array(text.utf8)) != nil)
    }

    @Test(
        "refuses all else",
        arguments: [
            "", " ", "{", "[", "}", "{]", "[1,]", "[,1]", "{\"a\":1,}", "{a:1}", "{\"a\" 1}", "{\"a\":}", "01", "-", "1.", ".5", "+1", "1e",
            "1e+", "0x1", "NaN", "Infinity", "nul", "True", "'a'", "\"", "\"\\q\"", "\"\\u12\"", "\"\\ud800\"", "\"\\ud800\\u0041\"",
            "\"\\udc00\"", "\"a\nb\"", "1 2", "{} {}", "//", "\u{FEFF}{}", "[1}", "\"\\", "\"\\u",
        ])
    func invalid(_ text: String) {
        #expect(JSONTape(Array(text.utf8)) == nil)
    }

    @Test(
        "refuses what is not UTF-8",
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x7B, 0, 0x7D, 0], [0xFF, 0xFE, 0x7B, 0],
        ] as [[UInt8]])
    func notUTF8(_ bytes: [UInt8]) {
        #expect(JSONTape(bytes) == nil)
    }

    @Test("goes so deep and no deeper")
    func depth() {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(JSONTape(nested(JSONTape.depthMax)) != nil)
        #expect(JSONTape(nested(JSONTape.depthMax + 1)) == nil)
        #expect(JSONTape(nested(200_000)) == nil)
    }

    @Test("hands out members as they stand")
    func members() throws {
        let root = try #require(JSONTape(Array(#"{"a":"\u00e9\n","b":1.5,"c":null,"a":"last","d":[true,{"e":-2}]}"#.utf8))).root
        #expect(root.member("a")?.string == "last" && root.member("b")?.number == 1.5 && root.member("c") == nil)
        let elements = try #require(root.member("d")).elements
        #expect(elements.count == 2 && elements[0].bool == true && elements[1].member("e")?.integer == -2)
        #expect(elements[1].raw.elementsEqual(#"{"e":-2}"#.utf8))
        #expect(JSONTape(Array(#""\u00e9\ud83c\udfe0\n""#.utf8))?.root.string == "é🏠\n")
    }
}
