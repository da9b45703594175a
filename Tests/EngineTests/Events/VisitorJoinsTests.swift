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
        await events.engine.moveWaitingVisitors()
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
        #expect(atOnce < count / 2, "\(atOnce)")
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

    private func login(_ user: String, _ visitor: String, id: String) -> String {
        #"{"type":"identify","userId":"\#(user)","anonymousId":"\#(visitor)","messageId":"\#(id)"}"#
    }

    /// The marks against duplicates do not know what was received so long ago.
    @Test("many movers of one past move it once")
    func movers() async throws {
        let fixture = try await EngineFixture()
        var events = try await EventsFixture(fixture)
        let key = try await fixture.makeKey().key
        let (visitors, count) = (4, 500)
        for visitor in 0..<visitors {
            let start = events.now.adding(seconds: -Int64(count) * 2)
            for first in stride(from: 0, to: count, by: 250) {
                let some = (first..<first + 250).map {
                    events.page("/p", visitor: "anon\(visitor)", id: "p\($0)", at: start.adding(seconds: Int64($0) * 2))
                }
                #expect(try await events.send(some).allSatisfy { $0 == "accepted" })
            }
        }
        events = try events.later(seconds: 3 * 86_400, key: key)
        let later = events
        try await withThrowingTaskGroup(of: Void.self) { group in
            for mover in 0..<4 {
                group.addTask {
                    for round in 0..<6 {
                        _ = try await later.send((0..<visitors).map { login("u\($0)", "anon\($0)", id: "i\(mover)-\(round)-\($0)") })
                        await later.engine.moveWaitingVisitors()
                    }
                }
            }
            try await group.waitForAll()
        }
        for _ in 0..<3 { await later.engine.moveWaitingVisitors() }
        for visitor in 0..<visitors {
            #expect(try await later.features("u\(visitor)").totalEvents == count)
            #expect(try await later.timeline("u\(visitor)").count { $0.messageID.hasPrefix("p") } == count)
        }
    }

    @Test("those who come at once, when no more may be joined, all find room")
    func crowd() async throws {
        let events = try await EventsFixture()
        let count = Limits.joinedVisitorsMax + 60
        func come(_ numbers: Range<Int>) async throws {
            _ = try await events.send(numbers.map { events.page("/a", visitor: "anon\($0)", id: "v\($0)") })
            _ = try await events.send(numbers.map { login("u1", "anon\($0)", id: "i\($0)") })
            for _ in 0..<5 { await events.engine.moveWaitingVisitors() }
        }
        try await come(0..<Limits.joinedVisitorsMax)
        // In one request, and in several.
        try await come(Limits.joinedVisitorsMax..<Limits.joinedVisitorsMax + 30)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for first in stride(from: Limits.joinedVisitorsMax + 30, to: count, by: 5) {
                group.addTask { try await come(first..<first + 5) }
            }
            try await group.waitForAll()
        }
        for _ in 0..<5 { await events.engine.moveWaitingVisitors() }
        #expect(try await events.features("u1").totalEvents == count)
    }

    @Test("one that others were joined to leads them to the user as long as they are there")
    func chain() async throws {
        let events = try await EventsFixture()
        let server = { (user: String, visitor: String) in
            #"{"type":"alias","userId":"\#(user)","previousId":"\#(visitor)","messageId":"\#(user)-\#(visitor)"}"#
        }
        #expect(try await events.send([events.page("/a", visitor: "tail", id: "t")]) == ["accepted"])
        #expect(try await events.send([server("middle", "tail")]) == ["accepted"])
        #expect(try await events.send([server("u1", "middle")]) == ["accepted"])
        // More is known of it, so that it cannot leave.
        var change = BehavioralProfileChange()
        change.score = 50
        _ = try await events.engine.behavioralProfiles.create(events.scope, user: UserID("tail"), change)
        for number in 0..<Limits.joinedVisitorsMax + 5 {
            #expect(try await events.send([events.page("/a", visitor: "anon\(number)", id: "v\(number)")]) == ["accepted"])
            #expect(try await events.send([login("u1", "anon\(number)", id: "i\(number)")]) == ["accepted"])
        }
        #expect(try await items(events, "middle") == ["IDENTITY"])
        #expect(try await events.features("tail") == events.features("u1"))
    }

    @Test("an erasure takes from the count of joined visitors those who were counted")
    func unmovedVisitors() async throws {
        let events = try await EventsFixture()
        let key = try await events.fixture.makeKey().key
        #expect(try await events.send([events.page("/", visitor: "anon2", id: "v")]) == ["accepted"])
        #expect(try await events.send([login("u2", "anon2", id: "i2")]) == ["accepted"])
        let start = events.now.adding(seconds: -200 * 2000)
        let past = (0..<100).map { events.page("/p", visitor: "anon1", id: "p\($0)", at: start.adding(seconds: Int64($0) * 2000)) }
        #expect(try await events.send(past).allSatisfy { $0 == "accepted" })
        #expect(try await events.send([login("u1", "anon1", id: "i1")]) == ["accepted"])
        #expect(try await items(events, "anon1").count > 10)
        _ = try await events.engine.erasures.erase(events.scope, events.scope.authorize(.eraseUser, for: .user(UserID("u1"))))
        #expect(try events.engine.users.count(events.scope) == 1)
        let reopened = try await events.fixture.reopened()
        #expect(try reopened.engine.users.count(reopened.scope(key)) == 1)
    }
}
