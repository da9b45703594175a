import FoundationEssentials
import Gateway
import NIOCore
import Testing

@Suite("JSONWriter")
struct JSONWriterTests {
    private func text(_ write: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        write(&writer)
        return String(buffer: writer.buffer)
    }

    @Test("separates members and elements, at every depth")
    func structure() {
        let written = text { json in
            json.object { json in
                json.key("a")
                json.value(1)
                json.key("b")
                json.array { json in
                    json.object { _ in }
                    json.array { _ in }
                    json.null()
                }
                json.key("c")
                json.value(true)
            }
        }
        #expect(written == #"{"a":1,"b":[{},[],null],"c":true}"#)
    }

    @Test(
        "escapes what RFC 8259 wants escaped and nothing else",
        arguments: [
            ("plain", #""plain""#), ("", #""""#), (#"a"b\c/"#, #""a\"b\\c/""#), ("\u{8}\t\n\u{C}\r", #""\b\t\n\f\r""#),
            ("\u{0}\u{1F}\u{7F}", "\"\\u0000\\u001f\u{7F}\""), ("é🏠\u{2028}", "\"é🏠\u{2028}\""), ("\"", #""\"""#),
        ])
    func escapes(_ plain: String, _ json: String) throws {
        #expect(text { $0.value(plain) } == json)
        #expect(try JSONDecoder().decode(String.self, from: Data(json.utf8)) == plain)
    }

    @Test("writes every scalar below U+0100 so that it reads back", arguments: 0..<256)
    func roundTrip(_ code: Int) throws {
        let plain = "x\(Character(try #require(Unicode.Scalar(code))))y"
        #expect(try JSONDecoder().decode(String.self, from: Data(text { $0.value(plain) }.utf8)) == plain)
    }

    @Test(
        "writes the shortest number that reads back",
        arguments: [0, 0.1, 1.0 / 3, 1e-7, 1e300, -2.5, .leastNonzeroMagnitude, .greatestFiniteMagnitude])
    func doubles(_ number: Double) throws {
        let written = text { $0.value(number) }
        #expect(written == number.description)
        #expect(try JSONDecoder().decode(Double.self, from: Data(written.utf8)) == number)
    }

    @Test("has no text for what is not finite", arguments: [Double.nan, .infinity, -.infinity])
    func notFinite(_ number: Double) {
        #expect(text { $0.value(number) } == "null")
    }
}
