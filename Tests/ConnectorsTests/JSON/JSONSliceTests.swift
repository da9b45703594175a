import Connectors
import Testing

@Suite struct JSONSliceTests {
    private func slice(_ text: String) -> JSONSlice? { JSONSlice(Array(text.utf8)) }

    @Test(arguments: [
        "", " ", "{", "}", "[", "[1,]", "[,1]", #"{"a":1,}"#, #"{"a"}"#, #"{"a":}"#, "{a:1}", #"{"a":1 "b":2}"#, "01", "-", "1.", ".5",
        "1e", "+1",
        "tru", "nul", "NaN", "Infinity", #"""#, #""\x""#, #""\u12g4""#, #""\ud800""#, #""\udc00""#, #""\ud800\u0041""#, "\"\n\"", "[] []",
        "{} x", "\u{feff}{}", "[1 2]", "'a'",
    ]) func refusesWhatIsNotJSON(text: String) {
        #expect(slice(text) == nil)
    }

    @Test func refusesBytesThatAreNotUTF8() {
        for bytes: [UInt8] in [[0x22, 0xff, 0x22], [0x22, 0xc0, 0x80, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22]] {
            #expect(JSONSlice(bytes) == nil)
        }
    }

    @Test func depthHasABound() {
        func nested(_ depth: Int) -> JSONSlice? {
            slice(String(repeating: "[", count: depth) + String(repeating: "]", count: depth))
        }
        #expect(nested(64) != nil && nested(65) == nil && nested(100_000) == nil)
        #expect(slice(String(repeating: #"{"a":"#, count: 100_000)) == nil)
    }

    @Test func handsValuesOnByteForByte() throws {
        let text = #" { "a" : {"z":1.50,"b":[ 1e400 , 123456789012345678901234567890, "\u0041\/" ],"a":null} , "c":[] } "#
        let document = try #require(slice(text))
        #expect(
            String(decoding: document["a"]?.bytes ?? [], as: UTF8.self)
                == #"{"z":1.50,"b":[ 1e400 , 123456789012345678901234567890, "\u0041\/" ],"a":null}"#)
        #expect(
            document["a"]?["b"]?.elements?.map { String(decoding: $0.bytes, as: UTF8.self) }
                == ["1e400", "123456789012345678901234567890", #""\u0041\/""#])
        #expect(document["a"]?["b"]?.elements?.last?.string == "A/")
        #expect(document["c"]?.elements?.isEmpty == true)
        #expect(document["a"]?["a"]?.isNull == true)
    }

    @Test func wrongTypesAndTwiceNamedMembersAreNil() throws {
        let document = try #require(
            slice(#"{"a":1,"a":2,"s":"é\ud83d\ude00","n":-7,"f":1.0,"e":1e2,"h":99999999999999999999,"t":true,"l":[{}]}"#))
        #expect(document["a"] == nil && document["missing"] == nil)
        #expect(document["s"]?.string == "é\u{1F600}" && document["s"]?["x"] == nil && document["s"]?.elements == nil)
        #expect(document["n"]?.integer == -7 && document["n"]?.string == nil)
        for name in ["f", "e", "h", "t", "s", "l"] { #expect(document[name]?.integer == nil) }
        #expect(document["l"]?.elements?[0].isObject == true && document["l"]?.isObject == false)
    }
}
