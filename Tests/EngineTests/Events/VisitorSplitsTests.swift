import Engine
import Testing

@Suite("Visitors separated from users")
struct VisitorSplitsTests {
    private func separated(_ events: EventsFixture) async throws -> UInt64 {
        try await SplitUser(tenant: "acme", user: "u1", visitor: "anon").perform(on: events.engine).events
    }

    private func login(_ id: String) -> String { #"{"type":"identify","userId":"u1","anonymousId":"anon","messageId":"\#(id)"}"# }

    @Test("each has the events that came under its id, counted as if they had never been together")
    func equalsRecount() async throws {
        let (joined, apart) = (try await EventsFixture(), try await EventsFixture())
        let start = joined.now.adding(seconds: -90_000)
        for number in 0..<40 {
            let at = start.adding(seconds: Int64(number) * 700)
            let own = joined.track("product_view", id: "t\(number)", at: at, properties: #"{"product_id":\#(number % 3)}"#)
            let view = joined.page("/p\(number % 5)", visitor: "anon", id: "v\(number)", at: at.adding(seconds: 9))
            #expect(try await joined.send([own, view]) == ["accepted", "accepted"])
            #expect(try await apart.send([own, view]) == ["accepted", "accepted"])
            if number == 20 { #expect(try await joined.send([login("i")]) == ["accepted"]) }
        }
        #expect(try await joined.features("u1").totalEvents == 80)
        #expect(try await separated(joined) == 40)
        for id in ["u1", "anon"] {
            let (one, other) = (try await joined.features(id), try await apart.features(id))
            #expect(one == other, "\(id)")
        }
        #expect(try await joined.timeline("u1").count == 41)
        #expect(try await joined.timeline("anon").count == 40)
    }

    @Test("only a new identify joins the visitor again, and nothing is lost or doubled")
    func joinedAgain() async throws {
        let events = try await EventsFixture()
        #expect(try await events.send([events.page("/a", visitor: "anon", id: "v"), login("i")]) == ["accepted", "accepted"])
        #expect(try await separated(events) == 1)
        let both = events.track("x", id: "both", more: #","anonymousId":"anon""#)
        let view = events.page("/b", visitor: "anon", id: "w")
        let again = events.page("/a", visitor: "anon", id: "v")
        #expect(try await events.send([both, login("i"), view, again]) == ["accepted", "duplicate", "accepted", "duplicate"])
        #expect(try await events.features("anon").totalEvents == 2)
        #expect(try await events.features("u1").totalEvents == 1)
        #expect(try await events.send([login("i2")]) == ["accepted"])
        await events.engine.moveWaitingVisitors()
        #expect(try await events.features("u1").totalEvents == 3)
        #expect(try await separated(events) == 2)
        #expect(try await events.features("anon").totalEvents == 2)
        #expect(try await events.features("u1").totalEvents == 1)
    }

    @Test("a visitor who is not joined to the user is refused, and nothing changes")
    func unknown() async throws {
        let events = try await EventsFixture()
        #expect(
            try await events.send([events.page("/a", visitor: "anon", id: "v"), events.track("x", id: "t")]) == ["accepted", "accepted"])
        await #expect(throws: EngineError.self) { _ = try await separated(events) }
        #expect(try await events.features("u1").totalEvents == 1)
        #expect(try await events.features("anon").totalEvents == 1)
    }

    @Test("a visitor whose first call is the login is joined, and an id of nobody is not")
    func firstCall() async throws {
        let events = try await EventsFixture()
        #expect(try await events.send([login("i")]) == ["accepted"])
        #expect(try await events.send([events.page("/a", visitor: "anon", id: "v")]) == ["accepted"])
        #expect(try await events.features("u1").totalEvents == 1)
        let nobody = #"{"type":"identify","userId":"u1","anonymousId":"Undefined","messageId":"n"}"#
        #expect(try await events.send([nobody, events.page("/a", visitor: "Undefined", id: "w")]) == ["accepted", "accepted"])
        #expect(try await events.features("u1").totalEvents == 1)
    }
}
