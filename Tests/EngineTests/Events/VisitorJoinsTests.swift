import Engine
import Testing

@Suite struct VisitorJoinsTests {
    private func items(_ events: EventsFixture, _ user: String) async throws -> [String] {
        try await ListUserItems(tenant: "acme", user: user).perform(on: events.engine).map(\.sort).sorted()
    }

    @Test("a first login joins the visitor to the user: events, counts and sessions move", arguments: [1, 40, 300])
    func firstLogin(count: Int) async throws {
        let events = try await EventsFixture()
        let start = events.now.adding(seconds: -Int64(count) * 600)
        for number in 0..<count {
            let at = start.adding(seconds: Int64(number) * 600)
            #expect(try await events.send([events.page("/p\(number % 3)x", visitor: "anon", id: "p\(number)", at: at)]) == ["accepted"])
        }
        let before = try await events.features("anon")
        let login = #"{"type":"identify","userId":"u1","anonymousId":"anon","messageId":"i","traits":{"plan":"gold"}}"#
        #expect(try await events.send([login]) == ["accepted"])
        #expect(try await events.features("u1") == before)
        #expect(try await events.timeline("u1").count == count + 1)
        #expect(try await items(events, "anon") == ["IDENTITY"])
        // What is asked about the visitor is told of the user, and what comes for the visitor goes there.
        #expect(try await events.features("anon") == before)
        #expect(try await events.send([events.page("/", visitor: "anon", id: "late")]) == ["accepted"])
        #expect(try await events.features("u1").totalEvents == count + 1)
        #expect(try await events.send([login, events.page("/", visitor: "anon", id: "late")]) == ["duplicate", "duplicate"])
        #expect(try await events.features("u1").totalEvents == count + 1)
        #expect(try await events.engine.behavior.traits(events.scope, events.user("u1")).map(\.name) == ["plan"])
        #expect(try await events.engine.behavior.latestSession(events.scope, events.user("u1")) != nil)
    }

    @Test("how closely a visitor looked at pages moves with the rest")
    func attention() async throws {
        let events = try await EventsFixture()
        let engaged = #"{"type":"track","event":"page_engagement","anonymousId":"anon","messageId":"e","properties":{"dwellSeconds":9}}"#
        let login = #"{"type":"identify","userId":"u1","anonymousId":"anon","messageId":"i"}"#
        #expect(try await events.send([engaged]) == ["accepted"])
        #expect(try await events.send([login]) == ["accepted"])
        let attention = try await events.engine.behavior.preferences(events.scope, events.user("u1")).attention
        #expect(attention.dwellMilliseconds == 9000)
    }

    @Test("a visitor who was joined is counted and listed as the user, also after a restart")
    func counts() async throws {
        let events = try await EventsFixture()
        let key = try await events.fixture.makeKey().key
        #expect(try await events.send([events.track("e", user: "u2", id: "m")]) == ["accepted"])
        for number in 0..<3 {
            #expect(try await events.send([events.page("/", visitor: "anon\(number)", id: "v\(number)")]) == ["accepted"])
        }
        func users(_ engine: AttuneEngine, _ scope: Scope) async throws -> (count: Int, listed: [String]) {
            let page = try await engine.users.page(scope, UserFilter(), cursor: nil, limit: 100)
            #expect(try await engine.users.sample(scope).users == page.users.count)
            return (try engine.users.count(scope), page.users.map(\.id.text).sorted())
        }
        #expect(try await users(events.engine, events.scope) == (4, ["anon0", "anon1", "anon2", "u2"]))
        for number in 0..<2 {
            let login = #"{"type":"identify","userId":"u1","anonymousId":"anon\#(number)","messageId":"i\#(number)"}"#
            #expect(try await events.send([login, login]) == ["accepted", "duplicate"])
        }
        #expect(try await users(events.engine, events.scope) == (3, ["anon2", "u1", "u2"]))
        let reopened = try await events.fixture.reopened()
        #expect(try await users(reopened.engine, try reopened.scope(key)) == (3, ["anon2", "u1", "u2"]))
    }

    @Test("nobody's past is taken by naming them")
    func knownUsersAreNotJoined() async throws {
        let events = try await EventsFixture()
        let key = try await events.fixture.makeKey(kind: "publishable").key
        let browser = try events.fixture.scope(key)
        #expect(try await events.send([events.track("e", user: "victim", id: "v")]) == ["accepted"])
        let attack = [
            #"{"type":"identify","userId":"thief","anonymousId":"victim","messageId":"a"}"#,
            #"{"type":"alias","userId":"thief","previousId":"victim","messageId":"b"}"#,
        ]
        #expect(try await events.send(attack, by: browser) == ["accepted", "accepted"])
        #expect(try await events.features("victim").totalEvents == 1)
        #expect(try await events.features("thief").totalEvents == 0)
        // A tenant's own server knows what it does.
        #expect(try await events.send([#"{"type":"alias","userId":"new","previousId":"victim","messageId":"c"}"#]) == ["accepted"])
        #expect(try await events.features("new").totalEvents == 1)
    }

    @Test("a request moves what few steps can, the rest is moved soon after, and nothing is lost")
    func manyAtOnce() async throws {
        let events = try await EventsFixture()
        let browser = try events.fixture.scope(try await events.fixture.makeKey(kind: "publishable").key)
        let count = 600
        let views = (0..<count).map { events.page("/a", visitor: "anon\($0)", id: "v\($0)") }
        #expect(try await events.send(views, by: browser).allSatisfy { $0 == "accepted" })
        let logins = (0..<count).map { #"{"type":"identify","userId":"u\#($0)","anonymousId":"anon\#($0)","messageId":"i\#($0)"}"# }
        #expect(try await events.send(logins, by: browser).allSatisfy { $0 == "accepted" })
        func moved() async throws -> Int {
            var moved = 0
            for number in 0..<count where try await items(events, "anon\(number)") == ["IDENTITY"] { moved += 1 }
            return moved
        }
        let atOnce = try await moved()
        #expect((20..<count / 2).contains(atOnce), "\(atOnce)")
        for _ in 0..<4 { await events.engine.moveWaitingVisitors() }
        #expect(try await moved() == count)
        for number in 0..<count { #expect(try await events.features("u\(number)").totalEvents == 1) }
        #expect(try events.engine.users.count(events.scope) == count)
    }

    @Test("a long past that a crash has left half moved is moved after the next start")
    func longPast() async throws {
        let events = try await EventsFixture()
        let key = try await events.fixture.makeKey().key
        let count = Limits.joinStepsPerRequestMax + 200
        let start = events.now.adding(seconds: -Int64(count) * 2000)
        for first in stride(from: 0, to: count, by: 100) {
            let some = (first..<min(first + 100, count)).map {
                events.page("/p", visitor: "anon", id: "p\($0)", at: start.adding(seconds: Int64($0) * 2000))
            }
            #expect(try await events.send(some).allSatisfy { $0 == "accepted" })
        }
        #expect(try await events.send([#"{"type":"identify","userId":"u1","anonymousId":"anon","messageId":"i"}"#]) == ["accepted"])
        #expect(try await items(events, "anon").count > 100)
        let reopened = try await events.fixture.reopened()
        let later = try EventsFixture(reopened, scope: reopened.scope(key))
        #expect(try await items(later, "anon") == ["IDENTITY"])
        #expect(try await later.timeline("u1").count == count + 1)
    }

    @Test("no number of visitors that somebody names keeps a user's own next one out")
    func floodedUser() async throws {
        let events = try await EventsFixture()
        let browser = try events.fixture.scope(try await events.fixture.makeKey(kind: "publishable").key)
        let count = Limits.joinedVisitorsMax + 30
        func login(_ number: Int) -> String {
            #"{"type":"identify","userId":"u1","anonymousId":"anon\#(number)","messageId":"i\#(number)"}"#
        }
        for number in 0..<count {
            #expect(try await events.send([events.page("/a", visitor: "anon\(number)", id: "v\(number)")], by: browser) == ["accepted"])
            #expect(try await events.send([login(number)], by: browser) == ["accepted"])
        }
        #expect(try await events.features("u1").totalEvents == count)
        // Those who came first stand for themselves again; what they did stays with the user.
        #expect(try await items(events, "anon0").isEmpty)
        #expect(try await items(events, "anon\(count - 1)") == ["IDENTITY"])
        #expect(try events.engine.users.count(events.scope) == 31)
        #expect(try await events.send([events.page("/b", visitor: "anon0", id: "again")], by: browser) == ["accepted"])
        #expect(try await events.features("anon0").totalEvents == 1)
        let again = #"{"type":"identify","userId":"u1","anonymousId":"anon0","messageId":"back"}"#
        #expect(try await events.send([again], by: browser) == ["accepted"])
        #expect(try await events.features("u1").totalEvents == count + 1)
        let user = try events.scope.authorize(.eraseUser, for: .user(UserID("u1")))
        _ = try await events.engine.erasures.erase(events.scope, user)
        #expect(try await events.features("u1").totalEvents == 0)
        #expect(try await items(events, "anon\(count - 1)").isEmpty)
    }
}
