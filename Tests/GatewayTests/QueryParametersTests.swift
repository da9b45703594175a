import Engine
import Gateway
import Testing

@Suite("QueryParameters")
struct QueryParametersTests {
    @Test(
        "decodes once, as forms are",
        arguments: [
            ("q=a", "a"), ("q=a+b", "a b"), ("q=a%2Bb", "a+b"), ("q=%2525", "%25"), ("q=", ""), ("q", ""), ("x=1&q=2", "2"), ("%71=a", "a"),
            ("q=a=b", "a=b"), ("q=%C3%A9", "é"), ("x=%zz&q=1", "1"),
        ])
    func text(_ query: String, _ expected: String) throws {
        #expect(try QueryParameters(query).text("q") == expected)
    }

    @Test("tells absence", arguments: [nil, "", "x=1", "Q=1"] as [String?])
    func absent(_ query: String?) throws {
        #expect(try QueryParameters(query).text("q") == nil)
    }

    @Test("refuses broken escapes, other encodings and two of one", arguments: ["q=%zz", "q=%2", "q=%FF", "q=1&q=1"])
    func broken(_ query: String) {
        let error = #expect(throws: EngineError.self) { try QueryParameters(query).text("q") }
        #expect(error?.violations.map(\.pointer) == ["/q"])
    }

    @Test("reads integers within bounds")
    func integers() throws {
        #expect(try QueryParameters("n=7").integer("n", default: 5, in: 1...9) == 7)
        #expect(try QueryParameters(nil).integer("n", default: 5, in: 1...9) == 5)
    }

    @Test("refuses what is no integer within bounds", arguments: ["n=0", "n=10", "n=", "n=x", "n=1.5", "n=%2B7", "n=99999999999999999999"])
    func badIntegers(_ query: String) {
        #expect(throws: EngineError.self) { try QueryParameters(query).integer("n", default: 5, in: 1...9) }
    }
}
