import Gateway
import NIOCore
import Testing

@Suite("JSONSyntax")
struct JSONSyntaxTests {
    @Test(
        "takes what RFC 8259 takes",
        arguments: [
            "{}", " [ ] ", "0", "-0", "-1.5e+10", "1E-2", "1e999", "\"\"", "\"\\u00e9\\ud83c\\udfe0\\n\"", "null", "true",
            "{\"a\":{\"b\":[1,2,{}]},\"a\":false}", "\t\r\n1", "\"é🏠\"",
        ])
    func valid(_ text: String) {
        #expect(JSONSyntax.isValid(ByteBuffer(string: text)))
    }

    @Test(
        "refuses all else",
        arguments: [
            "", " ", "{", "[", "}", "{]", "[1,]", "[,1]", "{\"a\":1,}", "{a:1}", "{\"a\" 1}", "{\"a\":}", "01", "-", "1.", ".5", "+1", "1e",
            "1e+", "0x1", "NaN", "Infinity", "nul", "True", "'a'", "\"", "\"\\q\"", "\"\\u12\"", "\"\\ud800\"", "\"\\ud800\\u0041\"",
            "\"\\udc00\"", "\"a\nb\"", "1 2", "{} {}", "//", "\u{FEFF}{}", "[1}", "\"\\", "\"\\u",
        ])
    func invalid(_ text: String) {
        #expect(!JSONSyntax.isValid(ByteBuffer(string: text)))
    }

    @Test(
        "refuses what is not UTF-8",
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x7B, 0, 0x7D, 0], [0xFF, 0xFE, 0x7B, 0],
        ] as [[UInt8]])
    func notUTF8(_ bytes: [UInt8]) {
        #expect(!JSONSyntax.isValid(ByteBuffer(bytes: bytes)))
    }

    @Test("goes so deep and no deeper")
    func depth() {
        func nested(_ depth: Int) -> ByteBuffer {
            ByteBuffer(string: String(repeating: "[", count: depth) + String(repeating: "]", count: depth))
        }
        #expect(JSONSyntax.isValid(nested(JSONSyntax.depthMax)))
        #expect(!JSONSyntax.isValid(nested(JSONSyntax.depthMax + 1)))
        #expect(!JSONSyntax.isValid(nested(200_000)))
    }
}
