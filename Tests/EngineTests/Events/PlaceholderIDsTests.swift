import Engine
import Testing

@Suite("Ids that stand for nobody")
struct PlaceholderIDsTests {
    @Test(
        "in any letters, with blanks around them",
        arguments: [
            "undefined", "Undefined", " UNDEFINED ", "null", "NULL", "NaN", "nan", "[object Object]", "[OBJECT OBJECT]", "0", "00",
            "0000000000000000",
            "00000000-0000-0000-0000-000000000000", "{00000000-0000-0000-0000-000000000000}", "none", "None", "nil", "(null)", "<null>",
            "n/a",
            "N/A", "anonymous", "Anonymous", "guest", "GUEST", "unknown", "true", "False", "-1", "not set", "distinct_id", "lmy47d", "{}",
            "[]",
            "\u{A0}null\u{200B}", "\u{FEFF}guest", "   ", "\u{3000}", "{{user_id}}",
        ])
    func nobody(_ id: String) {
        #expect(PlaceholderIDs.standsForNobody(id))
    }

    @Test(
        "ids of somebody",
        arguments: [
            "u1", "1", "17", "10", "nullable", "Anonymous Coward", "guest-7f3a", "guest1", "unknown@example.com",
            "00000000-0000-0000-0000-000000000001",
            "Null Island", "nobody@example.com", "true-north", "x", "a", "ann", "nan0", "undefined-7",
        ])
    func somebody(_ id: String) {
        #expect(!PlaceholderIDs.standsForNobody(id) && !PlaceholderIDs.isArtefact(id))
    }

    @Test("a userId that a program made is refused, and not one that a company may give")
    func artefacts() throws {
        for id in ["undefined", "null", "NaN", "[object Object]", " ", "\\t"] {
            let text = #"{"type":"track","event":"x","anonymousId":"v","userId":"\#(id)"}"#
            let result = SegmentReader(receivedAt: Timestamp(seconds: 1_795_243_772)) { _ in "m" }
                .event(try #require(JSONTape(Array(text.utf8))).root)
            guard case .failure(let refusal) = result else {
                Issue.record("taken: \(id)")
                continue
            }
            #expect(refusal.reason == .id && refusal.violations.map(\.pointer) == ["/userId"])
        }
        #expect(!PlaceholderIDs.isArtefact("guest") && !PlaceholderIDs.isArtefact("0"))
    }
}
