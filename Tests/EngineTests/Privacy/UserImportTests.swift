import Engine
import FoundationEssentials
import Testing

@Suite("UserImport")
struct UserImportTests {
    private static let long = String(repeating: "x", count: 2049)

    private func importing(_ document: String, _ privacy: PrivacyFixture) async throws -> UserImport.Answer {
        let path = "\(privacy.fixture.folder.path)/import.json"
        #expect(FileManager.default.createFile(atPath: path, contents: Data(document.utf8)))
        return try await ImportUser(tenant: "acme", .file(path: path)).perform(on: privacy.engine)
    }

    private static func export(_ members: String) -> String { #"{"exportVersion":1,\#(members)}"# }

    /// What a file says of other ids leads to nobody: neither to users who are here, nor to whoever comes later.
    @Test(arguments: [
        #""userId":"mallory","identity":{"joinedFrom":["victim"]}"#,
        #""userId":"mallory","identity":{"joinedInto":"victim"}"#,
        #""userId":"mallory","identity":{"joinedFrom":["victim"]},"joined":[{"userId":"phone","identity":{"joinedInto":"victim"}}]"#,
    ])
    func noOtherIdIsReached(members: String) async throws {
        let privacy = try await PrivacyFixture()
        try await privacy.live("victim", canary: "victim")
        let before = try await privacy.items(of: "victim").count
        _ = try await importing(Self.export(members), privacy)
        for user in ["mallory", "phone"] {
            let scope = try privacy.fixture.scope(
                try await privacy.fixture.mint(user: user, scopes: ["privacy:export", "privacy:erase"]))
            var export = try await privacy.engine.exports.export(scope, scope.authorize(.exportUser, for: .me), format: .json)
            var text = ""
            while let piece = try await export.next() { text += String(decoding: piece, as: UTF8.self) }
            #expect(!text.contains("short victim"))
            _ = try await privacy.engine.erasures.erase(scope, scope.authorize(.eraseUser, for: .me))
        }
        _ = try await privacy.engine.erasures.erase(privacy.scope, privacy.user("mallory"))
        #expect(try await privacy.items(of: "victim").count == before)
    }

    @Test func whoComesWithThePersonIsJoinedAgain() async throws {
        let privacy = try await PrivacyFixture()
        let joined = #"{"userId":"phone","consent":{"decisions":[],"source":"banner"}}"#
        _ = try await importing(Self.export(#""userId":"person","joined":[\#(joined)]"#), privacy)
        #expect(try await privacy.items(of: "phone").count == 2)
        let resolved = try await privacy.engine.persons.person(privacy.scope, privacy.user("phone", .readPerson))
        #expect(String(decoding: resolved.json, as: UTF8.self).contains(#""userId":"person","joinedIds":["phone"]"#))
        _ = try await privacy.engine.erasures.erase(privacy.scope, privacy.user("person"))
        for user in ["person", "phone"] { #expect(try await privacy.items(of: user).isEmpty) }
    }

    /// Whatever is out of bounds, in whichever part: nothing is changed.
    @Test(arguments: [
        #""behavioralProfile":{"score":101}"#, #""behavioralProfile":{"score":1,"interests":"\#(String(repeating: "x", count: 4097))"}"#,
        #""traits":{"traits":[{"name":"","value":1}]}"#,
        #""traits":{"traits":[{"name":"a","value":"\#(long)"}]}"#,
        #""personalization":{"timeZone":"Nowhere/None"}"#, #""personalization":1"#,
        #""behavior":{},"events":[{"type":"track","name":"a","at":"2026-11-19T12:00:00.000Z","messageId":"m","timeZone":"No/Zone"}]"#,
        #""behavior":{},"events":[{"type":"page","at":"2026-11-19T12:00:00.000Z","messageId":"m","url":"\#(long)"}]"#,
        #""consentHistory":[{"decisions":[],"source":"\#(String(repeating: "x", count: 65))"}]"#,
    ])
    func whatNoRequestCouldHaveMadeChangesNothing(section: String) async throws {
        let privacy = try await PrivacyFixture()
        let log = try await privacy.entries().count
        let documents = [
            Self.export(#""userId":"first",\#(section)"#),
            Self.export(#""userId":"first","consent":{"decisions":[]},"joined":[{"userId":"second",\#(section)}]"#),
        ]
        for document in documents {
            #expect(await privacy.fixture.code { _ = try await importing(document, privacy) } == .invalid)
        }
        for user in ["first", "second"] { #expect(try await privacy.items(of: user).isEmpty) }
        #expect(try await privacy.entries().count == log)
    }

    @Test func whatIsLostIsNamed() async throws {
        let privacy = try await PrivacyFixture()
        func event(_ id: String, type: String = "track", at: Timestamp) -> String {
            #"{"type":"\#(type)","name":"product_view","at":"\#(at.rfc3339)","messageId":"\#(id)"}"#
        }
        let now = privacy.events.now
        let events = [
            event("a", at: now), event("a", at: now), event("b", type: "other", at: now),
            event("c", at: now.adding(seconds: -500 * 86_400)), event("d", at: now),
        ]
        let answer = try await importing(
            Self.export(#""userId":"person","behavior":{"countedEvents":2},"events":[\#(events.joined(separator: ","))]"#), privacy)
        #expect(answer.restored["events"] == 2)
        let lost = try #require(answer.notRestored["events"])
        for text in ["1 older", "1 with a messageId", "1 of an unknown type"] { #expect(lost.contains(text)) }
        #expect(try await privacy.events.timeline("person").count == 2)
    }
}
