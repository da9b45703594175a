import Engine
import Testing

/// A visitor who logs in goes on with the visit.
@Suite struct JoinedVisitsTests {
    private let login = #"{"type":"identify","userId":"u1","anonymousId":"anon","messageId":"i"}"#

    private func page(_ events: EventsFixture, _ url: String, user: String?, seconds: Int64) -> String {
        let at = events.now.adding(seconds: seconds - 3000)
        let who = user.map { #","userId":"\#($0)""# } ?? ""
        return events.page(url, visitor: "anon", id: "\(url)-\(seconds)", at: at, more: who)
    }

    /// All of these tell one visit of 40 seconds: a page before the login, two behind it.
    @Test("however the events are cut into requests it is one visit", arguments: [[4], [1, 1, 1, 1], [1, 3], [2, 2], [3, 1]])
    func login(requests: [Int]) async throws {
        let events = try await EventsFixture()
        let all = [
            page(events, "/", user: nil, seconds: 0), login, page(events, "/a", user: "u1", seconds: 20),
            page(events, "/b", user: "u1", seconds: 40),
        ]
        var rest = all[...]
        for count in requests {
            #expect(try await events.send(Array(rest.prefix(count))).allSatisfy { $0 == "accepted" })
            rest = rest.dropFirst(count)
        }
        await events.engine.moveWaitingVisitors()
        let navigation = try await events.engine.insights.navigation(events.scope, days: 30)
        #expect(navigation.sessions == 1 && navigation.pageViews == 3 && navigation.seconds == 40)
        #expect(navigation.pages.filter { $0.entries > 0 }.map(\.page) == ["/"])
        #expect(navigation.pages.filter { $0.exits > 0 }.map(\.page) == ["/b"])
        let journeys = try await events.engine.insights.journeys(events.scope, days: 30, limit: 10)
        #expect(journeys.map(\.pages) == [["/", "/a", "/b"], ["/", "/a"]])
        let session = try #require(try await events.engine.behavior.latestSession(events.scope, events.user("u1")))
        #expect(session.pages == 3 && session.path.map(\.page) == ["/", "/a", "/b"])
        // And all of it can be taken back.
        try await events.engine.insights.removeVisits(events.scope, of: events.user("u1"))
        #expect(try await events.engine.insights.navigation(events.scope, days: 30).pages.isEmpty)
    }

    @Test("the visit of a user who comes back and logs in again is a new one, and whole")
    func comesBack() async throws {
        let events = try await EventsFixture()
        let old = events.page("/old", visitor: "u1", id: "old", at: events.now.adding(seconds: -200_000), more: #","userId":"u1""#)
        #expect(try await events.send([old]) == ["accepted"])
        #expect(try await events.send([page(events, "/", user: nil, seconds: 0)]) == ["accepted"])
        #expect(try await events.send([login, page(events, "/a", user: "u1", seconds: 20)]) == ["accepted", "accepted"])
        #expect(try await events.send([page(events, "/b", user: "u1", seconds: 40)]) == ["accepted"])
        let navigation = try await events.engine.insights.navigation(events.scope, days: 30)
        #expect(navigation.sessions == 2 && navigation.returnVisits == 1)
        let session = try #require(try await events.engine.behavior.latestSession(events.scope, events.user("u1")))
        #expect(session.path.map(\.page) == ["/", "/a", "/b"] && session.isReturn)
    }

    @Test("visits half an hour apart stay two", arguments: [1800, 1801])
    func apart(gap: Int64) async throws {
        let events = try await EventsFixture()
        #expect(try await events.send([page(events, "/", user: nil, seconds: 0)]) == ["accepted"])
        #expect(try await events.send([login, page(events, "/a", user: "u1", seconds: gap)]) == ["accepted", "accepted"])
        let navigation = try await events.engine.insights.navigation(events.scope, days: 30)
        #expect(navigation.sessions == (gap > 1800 ? 2 : 1))
        #expect(navigation.pages.count == 2)
    }

    @Test("a visit that goes over midnight is counted for the day on which it began")
    func midnight() async throws {
        let events = try await EventsFixture()
        let midnight = Timestamp(seconds: events.now.utcDay * 86_400)
        let first = events.page("/", visitor: "anon", id: "1", at: midnight.adding(seconds: -60))
        let second = events.page("/a", visitor: "anon", id: "2", at: midnight.adding(seconds: 60), more: #","userId":"u1""#)
        #expect(try await events.send([first, login, second]) == ["accepted", "accepted", "accepted"])
        let today = try await events.engine.insights.navigation(events.scope, days: 1)
        let both = try await events.engine.insights.navigation(events.scope, days: 2)
        #expect(today.pageViews == 0 && both.sessions == 1 && both.pageViews == 2 && both.seconds == 120)
    }
}
