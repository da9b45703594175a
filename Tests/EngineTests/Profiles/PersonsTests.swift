import Engine
import Testing

@Suite("Persons")
struct PersonsTests {
    private func change(_ json: String) throws -> PersonChange { try PersonChange(#require(JSONTape(Array(json.utf8))).root) }

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
