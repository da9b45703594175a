import Engine
import Testing

@Suite("Persons")
struct PersonsTests {
    private func change(_ json: String) throws -> PersonChange { try PersonChange(#require(JSONTape(Array(json.utf8))).root) }

    @Test("sessions are shown with what they seem to be for, the latest first, and nothing is concluded of who does not allow it")
    func sessions() async throws {
        let events = try await EventsFixture()
        func sessions() async throws -> [JSONView] {
            let user = try events.scope.authorize(.readPerson, for: .user(UserID("u1")))
            let person = try await events.engine.persons.person(events.scope, user)
            return try #require(JSONTape(person.json)).root.member("sessions")?.elements ?? []
        }
        for visit in 0..<25 {
            let at = events.now.adding(seconds: -Int64(25 - visit) * 7200)
            let page = events.page(
                "/", visitor: "a", id: "p\(visit)", at: at, more: #","userId":"u1","context":{"sessionId":"s\#(visit)"}"#)
            #expect(try await events.send([page]) == ["accepted"])
        }
        let bought = events.track(
            "purchase_completed", id: "b", at: events.now.adding(seconds: -7190), properties: #"{"product_id":"x"}"#)
        #expect(try await events.send([bought]) == ["accepted"])
        let shown = try await sessions()
        #expect(shown.count == 20)
        #expect(shown.map { $0.member("intent")?.string } == ["transactional"] + [String?](repeating: "bouncing", count: 19))
        #expect(shown[0].member("secondsOnSite")?.number == 10 && shown[0].member("pages")?.integer == 1)
        let starts = shown.compactMap { $0.member("startedAt")?.string }
        #expect(starts.count == 20 && starts == starts.sorted(by: >))
        let user = try events.scope.authorize(.writeConsent, for: .user(UserID("u1")))
        let change = ConsentChange(decisions: [.personalization: false], source: "test")
        _ = try await events.engine.consents.decide(events.scope, user, change)
        #expect(try await sessions().allSatisfy { $0.member("intent") == nil })
    }

    /// Of whom only events are known: there is such a person, and no two have one tag.
    @Test func whoHasEventsAloneIsThere() async throws {
        let events = try await EventsFixture()
        for user in ["u1", "u2"] { _ = try await events.send([events.track("a", user: user, id: user)]) }
        let scope = events.scope
        let users = try ["u1", "u2"].map { try scope.authorize(.rectifyUser, for: .user(UserID($0))) }
        let tags = [
            try await events.engine.persons.person(scope, users[0]).tag, try await events.engine.persons.person(scope, users[1]).tag,
        ]
        #expect(tags[0] != tags[1] && tags.allSatisfy { $0.number != 0 })
        let patch = try change(#"{"timeZone":"Europe/Paris"}"#)
        let wrong = await events.fixture.code { _ = try await events.engine.persons.rectify(scope, users[0], patch, if: .tags([tags[1]])) }
        #expect(wrong == .preconditionFailed)
        let right = try await events.engine.persons.rectify(scope, users[0], patch, if: .exists)
        #expect(right.person.tag != tags[0])
        _ = try await events.engine.persons.rectify(scope, users[1], patch, if: .tags([tags[1]]))
        let nobody = try scope.authorize(.rectifyUser, for: .user(UserID("nobody")))
        #expect(await events.fixture.code { _ = try await events.engine.persons.rectify(scope, nobody, patch, if: .exists) } == .notFound)
    }
}
