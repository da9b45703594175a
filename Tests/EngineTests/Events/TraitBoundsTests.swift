import Engine
import Foundation
import Testing

/// However much is said of a user, their events are taken.
@Suite("Event trait bounds") struct TraitBoundsTests {
    private func text(_ bytes: Int) -> String { "\"" + String(repeating: "x", count: bytes - 2) + "\"" }

    @Test("a large value is left out, and what is said of a user stays within its bound")
    func bounds() async throws {
        let events = try await EventsFixture()
        let large =
            #"{"type":"identify","userId":"u1","messageId":"l","traits":{"plan":"gold","large":\#(text(2049)),"fits":\#(text(2048))}}"#
        #expect(try await events.send([large]) == ["accepted"])
        #expect(try await events.engine.behavior.traits(events.scope, events.user("u1")).map(\.name) == ["plan", "fits"])
        for number in 0..<60 {
            let traits = (0..<14).map { "\"t\(number)-\($0)\":\(text(2000))" }.joined(separator: ",")
            let group = #"{"type":"group","userId":"u1","groupId":"g\#(number % 25)","messageId":"g\#(number)","traits":{\#(traits)}}"#
            let identify = #"{"type":"identify","userId":"u1","messageId":"i\#(number)","traits":{\#(traits)}}"#
            #expect(try await events.send([group, identify]) == ["accepted", "accepted"])
        }
        let traits = try await events.engine.behavior.traits(events.scope, events.user("u1"))
        #expect(traits.reduce(0) { $0 + $1.name.utf8.count + $1.value.count } <= 65_536)
        let items = try await ListUserItems(tenant: "acme", user: "u1").perform(on: events.engine)
        #expect(try #require(items.first { $0.sort == "TRAITS" }).bytes < 70_000)
        // A smaller value for what is known is taken still.
        #expect(try await events.send([#"{"type":"identify","userId":"u1","messageId":"s","traits":{"fits":1}}"#]) == ["accepted"])
        let fits = try await events.engine.behavior.traits(events.scope, events.user("u1")).first { $0.name == "fits" }
        #expect(fits?.value == Array("1".utf8))
    }

    @Test("groups of visitors add up to no more than a user's may")
    func groups() async throws {
        let events = try await EventsFixture()
        for visitor in 0..<4 {
            let groups = (0..<15).map {
                """
                {"type":"group","anonymousId":"anon\(visitor)","groupId":"g\(visitor)-\($0)","messageId":"\($0)",\
                "traits":{"a":\(text(2000))}}
                """
            }
            #expect(try await events.send(groups).allSatisfy { $0 == "accepted" })
            let login = #"{"type":"identify","userId":"u1","anonymousId":"anon\#(visitor)","messageId":"i\#(visitor)"}"#
            #expect(try await events.send([login]) == ["accepted"])
        }
        let user = try events.scope.authorize(.exportUser, for: .user(UserID("u1")))
        var export = try await events.engine.exports.export(events.scope, user, format: .json)
        var bytes: [UInt8] = []
        while let piece = try await export.next() { bytes += piece }
        let document = try #require(JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        let traits = try #require(document["traits"] as? [String: Any])
        #expect((traits["groups"] as? [Any])?.count == 20)
    }
}

@Suite("Event batches") struct EventBatchTests {
    @Test("a user whose data is damaged costs the others of a batch nothing")
    func damagedUser() async throws {
        let events = try await EventsFixture()
        let key = try await events.fixture.makeKey().key
        #expect(try await events.send([events.track("e", user: "fine", id: "before")]) == ["accepted"])
        let fixture = events.fixture
        await fixture.engine.close()
        // A partition that the vault knows and the store has lost.
        try fixture.folder.copy("data/store", as: "old-store")
        let later = try await EngineFixture(fixture.folder)
        #expect(try await send(later, key, [events.track("e", user: "lost", id: "m")]) == ["accepted"])
        await later.engine.close()
        try FileManager.default.removeItem(atPath: "\(fixture.dataPath)/store")
        try fixture.folder.copy("old-store", as: "data/store")
        let opened = try await EngineFixture(fixture.folder)
        let lost = (0..<3).map { events.track("e", user: "lost", id: "n\($0)") }
        let batch = [lost[0], events.track("e", user: "fine", id: "a"), lost[1], lost[2], events.track("e", user: "new", id: "b")]
        #expect(try await send(opened, key, batch) == ["invalid", "accepted", "invalid", "invalid", "accepted"])
        // One alone is told as what it is.
        #expect(await opened.code { _ = try await send(opened, key, [lost[0]]) } == .damaged)
    }

    private func send(_ fixture: EngineFixture, _ key: String, _ events: [String]) async throws -> [String] {
        let scope = try fixture.scope(key)
        let tape = try #require(JSONTape(Array("[\(events.joined(separator: ","))]".utf8)))
        let reader = try fixture.engine.events.reader(scope, .init())
        let read = tape.root.elements.enumerated().map { reader.event($1, place: $0) }
        return try await fixture.engine.events.take(scope, read, .init()).map(EventsFixture.text)
    }
}
