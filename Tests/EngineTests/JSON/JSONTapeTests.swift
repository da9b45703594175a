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

    @Test(
        "mends half of a surrogate pair, and nothing else",
        arguments: [
            (#""a\ud83d""#, "a\u{FFFD}"), (#""\ude00b""#, "\u{FFFD}b"), (#""\ud83d\ud83d""#, "\u{FFFD}\u{FFFD}"),
            (#""\ud83d\u0041""#, "\u{FFFD}A"), (#""\ud83d\n""#, "\u{FFFD}\n"), (#""\ud83d\ud83d\ude00""#, "\u{FFFD}\u{1F600}"),
            (#""\ud83d\ude00""#, "\u{1F600}"), (#""\uDBFF""#, "\u{FFFD}"), (#""\\ud83d""#, "\\ud83d"),
        ])
    func mended(_ text: String, _ value: String) throws {
        let tape = try #require(JSONTape(Array(text.utf8), isMended: true))
        #expect(tape.root.string == value && !tape.root.isSpoiled)
        // What is kept as it stands can be read by everybody.
        #expect(JSONTape(tape.bytes)?.root.string == value)
    }

    @Test("still refuses what no mending helps", arguments: [#""\ud83""#, #""\ud83d\u00""#, #""\ud83d"#, "[1,]", "[\u{0}]", "{\u{FF}"])
    func beyondMending(_ text: String) {
        #expect(JSONTape(Array(text.utf8), isMended: true) == nil)
    }

    @Test("finds in which value something cannot be read")
    func spoiled() throws {
        let deep = String(repeating: "[", count: 5000) + #""]}\"{""# + String(repeating: "]", count: 5000)
        var bytes = Array(#"[{"a":1},{"a":\#(deep),"b":2},{"a":"x"#.utf8)
        bytes += [0xFF, 0xC3] + Array(#""},{"a":"é"}]"#.utf8)
        #expect(JSONTape(bytes) == nil)
        let root = try #require(JSONTape(bytes, isMended: true)).root
        #expect(root.elements.map(\.isSpoiled) == [false, true, true, false] && root.faults == 3)
        #expect(root.elements[1].member("b")?.integer == 2 && root.elements[3].member("a")?.string == "é")
    }

    @Test(
        "integers, however they are written",
        arguments: [
            ("17", 17), ("17.0", 17), ("1.7e1", 17), ("170e-1", 17), ("1e2", 100), ("-0", 0), ("-0.0", 0), ("0e999999999999", 0),
            ("-1.0", -1),
            ("9007199254740993.0", 9_007_199_254_740_993), ("9223372036854775807", .max), ("-9223372036854775808.0", .min), ("1E+2", 100),
        ] as [(String, Int64)])
    func integers(_ text: String, _ value: Int64) throws {
        #expect(JSONTape(Array(text.utf8))?.root.integer == value)
        let list = try #require(JSONTape(Array("[\(text),1.5,\"1.0\"]".utf8)))
        #expect(String(decoding: list.withPlainIntegers, as: UTF8.self) == "[\(value),1.5,\"1.0\"]")
    }

    @Test(
        "numbers that are none",
        arguments: ["17.5", "1e-1", "9223372036854775808", "1e19", "1e999999999999", "-9223372036854775809", "0.1e-5"])
    func noIntegers(_ text: String) {
        #expect(JSONTape(Array(text.utf8))?.root.integer == nil)
    }

    @Test("PHP's empty array is an empty object", arguments: [("{}", true), ("[]", true), ("[ ]", true), ("[1]", false), ("null", false)])
    func objects(_ text: String, _ isObject: Bool) {
        #expect((JSONTape(Array(text.utf8))?.root.object != nil) == isObject)
    }
}
