import Engine
import Testing

@Suite("PersonChange")
struct PersonChangeTests {
    /// The cases of RFC 7396, appendix A, that have an object for their patch, as a trait's value.
    @Test(arguments: [
        (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
        (#"{"a":"b"}"#, #"{"a":null}"#, "{}"), (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
        (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
        (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#), (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#),
        (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#), ("[1,2]", #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
        ("1", #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#), (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#),
        (#"{"a":"b"}"#, "\"bar\"", "\"bar\""),
    ])
    func nestedTraitsAreMerged(present: String, patch: String, result: String) async throws {
        let events = try await EventsFixture()
        let identify = """
            {"type":"identify","userId":"u1","messageId":"i","timestamp":"\(events.now.rfc3339)","traits":{"t":\(present),"o":1}}
            """
        _ = try await events.send([identify])
        let user = try events.scope.authorize(.rectifyUser, for: .user(UserID("u1")))
        func rectified(_ json: String) async throws -> String {
            let change = try PersonChange(#require(JSONTape(Array(json.utf8))).root)
            let answer = try await events.engine.persons.rectify(events.scope, user, change, if: nil)
            return String(decoding: answer.person.json, as: UTF8.self)
        }
        let merged = try await rectified(#"{"traits":{"t":\#(patch)}}"#)
        #expect(merged.contains(#""t":\#(result)"#) && merged.contains(#""o":1"#))
        #expect(try await rectified(#"{"traits":null}"#).contains(#""traits":{},"#))
    }
}
