import Engine
import Testing

/// What nobody shall get at, or undo, by naming ids in events.
@Suite("Visitor safety") struct VisitorSafetyTests {
    private func browser(_ events: EventsFixture) async throws -> Scope {
        try events.fixture.scope(try await events.fixture.makeKey(kind: "publishable").key)
    }

    private func login(_ user: String, _ visitor: String, id: String, more: String = "") -> String {
        #"{"type":"identify","userId":"\#(user)","anonymousId":"\#(visitor)","messageId":"\#(id)"\#(more)}"#
    }

    private func decide(_ events: EventsFixture, _ id: String, _ decisions: [Purpose: Bool]) async throws {
        let user = try events.scope.authorize(.writeConsent, for: .user(UserID(id)))
        _ = try await events.engine.consents.decide(events.scope, user, ConsentChange(decisions: decisions, source: "test"))
    }

    @Test("a user's token reads that user alone, whoever was joined to whom")
    func ownTokenReadsItself() async throws {
        let events = try await EventsFixture()
        let browser = try await browser(events)
        // The thief makes a visitor of an id that is to be theirs, and joins it to the victim.
        #expect(try await events.send([events.page("/", visitor: "mallory", id: "m")], by: browser) == ["accepted"])
        #expect(try await events.send([events.track("secret", user: "alice", id: "a")]) == ["accepted"])
        #expect(try await events.send([login("alice", "mallory", id: "j")], by: browser) == ["accepted"])
        let token = try await events.fixture.mint(user: "mallory", scopes: ["profile:read", "events:write"])
        let own = try events.fixture.scope(token)
        let me = try own.authorize(.readBehavior, for: .me)
        #expect(try await events.engine.behavior.timeline(own, me, limit: 10, cursor: nil).events.isEmpty)
        #expect(try await events.engine.behavior.features(own, me).totalEvents == 0)
        #expect(try await events.engine.behavior.traits(own, me).isEmpty)
        #expect(try await events.engine.behavior.latestSession(own, me) == nil)
    }

    @Test("events that name a user go to that user, also where the id was joined to another before")
    func namedUsersGetTheirEvents() async throws {
        let events = try await EventsFixture()
        let browser = try await browser(events)
        #expect(try await events.send([events.page("/", visitor: "bob", id: "v")], by: browser) == ["accepted"])
        #expect(try await events.send([login("eve", "bob", id: "j")], by: browser) == ["accepted"])
        let before = try await events.features("eve").totalEvents
        #expect(
            try await events.send([events.track("product_view", user: "bob", id: "b", properties: #"{"product_id":1}"#)]) == ["accepted"])
        #expect(try await events.features("eve").totalEvents == before)
        // By now the id is a user's: who asks for it gets what is its own.
        #expect(try await events.features("bob").totalEvents == 1)
        #expect(try await events.timeline("bob").map(\.messageID) == ["b"])
        // And erasing one takes nothing from the other.
        let eve = try events.scope.authorize(.readBehavior, for: .user(UserID("eve")))
        _ = try await events.engine.erasures.erase(events.scope, eve) { _ in }
        #expect(try await events.features("bob").totalEvents == 1)
    }

    @Test(
        "what more is known of than a visitor's events is joined by servers alone", arguments: ["profile", "consent", "behavioralProfile"])
    func knownIDs(sign: String) async throws {
        let events = try await EventsFixture()
        #expect(try await events.send([events.page("/", visitor: "known", id: "v")]) == ["accepted"])
        switch sign {
        case "profile": try await events.fixture.use("search", by: "known", events.scope)
        case "consent": try await decide(events, "known", [.marketing: true])
        default:
            var change = BehavioralProfileChange()
            change.score = 50
            change.interests = "lamps"
            _ = try await events.engine.behavioralProfiles.create(events.scope, user: UserID("known"), change)
        }
        #expect(try await events.send([login("thief", "known", id: "j")], by: browser(events)) == ["accepted"])
        #expect(try await events.features("thief").totalEvents == 0)
        #expect(try await events.features("known").totalEvents == 1)
        let alias = #"{"type":"alias","userId":"other","previousId":"known","messageId":"k"}"#
        #expect(try await events.send([alias]) == ["accepted"])
        #expect(try await events.features("other").totalEvents == 1)
    }

    /// As a cookie banner does it.
    private func answer(_ events: EventsFixture, _ browser: Scope, _ id: String, _ decisions: [Purpose: Bool]) async throws {
        let user = try browser.authorize(.writeConsent, for: .user(UserID(id)))
        _ = try await events.engine.consents.decide(browser, user, ConsentChange(decisions: decisions, source: "banner"))
    }

    @Test("what a visitor has answered a banner goes with it to the user, where that one has decided nothing")
    func answersGoAlong() async throws {
        let events = try await EventsFixture(isConsentOptIn: true)
        let browser = try await browser(events)
        try await answer(events, browser, "anon", [.analytics: true, .marketing: false, .ai: true])
        try await decide(events, "ada", [.ai: false])
        #expect(try await events.send([events.page("/", visitor: "anon", id: "v")], by: browser) == ["accepted"])
        #expect(try await events.send([events.track("e", user: "ada", id: "early")], by: browser) == ["consent"])
        #expect(try await events.send([login("ada", "anon", id: "j")], by: browser) == ["accepted"])
        #expect(try await events.features("ada").totalEvents == 1)
        #expect(try await events.send([events.track("e", user: "ada", id: "late")], by: browser) == ["accepted"])
        let ada = try events.scope.authorize(.readConsent, for: .user(UserID("ada")))
        let state = try await events.engine.consents.consent(events.scope, ada)
        #expect(state.isGranted(.analytics) && !state.isGranted(.marketing) && !state.isGranted(.ai))
        let history = try await events.engine.consents.history(events.scope, ada)
        let adopted = history.filter { $0.change.channel == "visitor who logged in" }
        #expect(adopted.map(\.change.decisions) == [[.analytics: true, .marketing: false]] && history.count == 2)
        #expect(adopted.first?.credential == .publishableKey)
        // Another one at the same browser is somebody else, of whom nothing is known.
        #expect(try await events.send([login("bob", "anon", id: "b")], by: browser) == ["consent"])
        #expect(try await ShowUser(tenant: "acme", user: "bob").perform(on: events.engine).items == 0)
        // And what is taken back at the banner is taken back.
        try await answer(events, browser, "anon", [.analytics: false, .ai: true])
        #expect(try await events.send([events.track("e", user: "ada", id: "later")], by: browser) == ["consent"])
        #expect(try await !events.engine.consents.consent(events.scope, ada).isGranted(.ai))
    }

    @Test("a refusal at a banner goes along too, with or without a past, and overrules nobody")
    func refusalsGoAlong() async throws {
        let events = try await EventsFixture()
        let browser = try await browser(events)
        try await answer(events, browser, "anon", [.analytics: false])
        #expect(try await events.send([login("ada", "anon", id: "j")], by: browser) == ["consent"])
        #expect(try await events.send([events.track("e", user: "ada", id: "e")]) == ["consent"])
        try await answer(events, browser, "anon2", [.analytics: false, .marketing: false])
        try await decide(events, "bob", [.analytics: true])
        #expect(try await events.send([login("bob", "anon2", id: "j2")], by: browser) == ["consent"])
        #expect(try await events.send([events.track("e", user: "bob", id: "f")]) == ["accepted"])
        // By `alias`, too; and what a server has recorded is a known person's.
        try await answer(events, browser, "anon3", [.analytics: false])
        let alias = #"{"type":"alias","userId":"eve","previousId":"anon3","messageId":"k"}"#
        #expect(try await events.send([alias], by: browser) == ["consent"])
        #expect(try await events.send([events.track("e", user: "eve", id: "g")]) == ["consent"])
        try await decide(events, "known", [.analytics: false])
        #expect(try await events.send([login("dan", "known", id: "j4")], by: browser) == ["consent"])
        #expect(try await events.send([events.track("e", user: "dan", id: "h")]) == ["accepted"])
    }

    @Test("visitors that have answered a banner make room like others, and are erased with the user")
    func answeredVisitorsLeave() async throws {
        let events = try await EventsFixture()
        let browser = try await browser(events)
        for number in 0...Limits.joinedVisitorsMax {
            let visitor = "anon\(number)"
            try await answer(events, browser, visitor, [.analytics: true])
            #expect(try await events.send([events.page("/", visitor: visitor, id: "v\(number)")], by: browser) == ["accepted"])
            #expect(try await events.send([login("ada", visitor, id: "j\(number)")], by: browser) == ["accepted"])
        }
        #expect(try await events.features("ada").totalEvents == Limits.joinedVisitorsMax + 1)
        let ada = try events.scope.authorize(.readBehavior, for: .user(UserID("ada")))
        _ = try await events.engine.erasures.erase(events.scope, ada) { _ in }
        for number in [0, 1, Limits.joinedVisitorsMax] {
            #expect(try await ShowUser(tenant: "acme", user: "anon\(number)").perform(on: events.engine).items == 0)
        }
    }

    @Test("a visitor's refusal holds when a user is named, and after they were joined")
    func refusal() async throws {
        let events = try await EventsFixture()
        #expect(try await events.send([events.page("/", visitor: "anon", id: "before")]) == ["accepted"])
        try await decide(events, "anon", [.analytics: false])
        #expect(try await events.send([events.page("/", visitor: "anon", id: "v")]) == ["consent"])
        // Events of other visitors in the same batch are not concerned.
        let named = [login("u1", "anon", id: "a"), login("u1", "fresh", id: "b"), login("u1", "anon", id: "c")]
        #expect(try await events.send(named) == ["consent", "accepted", "consent"])
        let alias = #"{"type":"alias","userId":"u1","previousId":"anon","messageId":"k"}"#
        #expect(try await events.send([alias]) == ["accepted"])
        #expect(try await events.timeline("u1").map(\.messageID).contains("before") == false)
        // One who was joined before and refuses then.
        #expect(
            try await events.send([events.page("/", visitor: "late", id: "l"), login("u2", "late", id: "d")]) == ["accepted", "accepted"])
        try await decide(events, "late", [.analytics: false])
        #expect(try await events.send([events.page("/", visitor: "late", id: "m")]) == ["consent"])
    }

    @Test("who was joined to somebody who was joined is found at the end, and logs in there")
    func hops() async throws {
        let events = try await EventsFixture()
        func alias(_ from: String, _ to: String) -> String {
            #"{"type":"alias","userId":"\#(to)","previousId":"\#(from)","messageId":"\#(from)-\#(to)"}"#
        }
        #expect(try await events.send([events.page("/", visitor: "anon", id: "v")]) == ["accepted"])
        #expect(try await events.send([login("u1", "anon", id: "i")]) == ["accepted"])
        #expect(try await events.send([alias("u1", "u2")]) == ["accepted"])
        #expect(try await events.send([alias("u2", "u3")]) == ["accepted"])
        let all = try await events.timeline("u3").count
        #expect(try await events.timeline("anon").count == all && all >= 2)
        #expect(try await events.send([events.page("/late", visitor: "anon", id: "w")]) == ["accepted"])
        #expect(try await events.timeline("u3").count == all + 1)
        // A login of an id that was joined takes its visitor's past along, and what comes then stays with the id.
        #expect(try await events.send([events.page("/", visitor: "anon2", id: "x")]) == ["accepted"])
        #expect(try await events.send([login("u1", "anon2", id: "y")]) == ["accepted"])
        #expect(try await Set(events.timeline("u1").map(\.messageID)) == ["x", "y"])
        #expect(try await events.timeline("anon2").count == 2)
    }
}

/// What foreign clients send that is not quite right.
@Suite("Event leniency") struct EventLeniencyTests {
    @Test("a zone that nobody knows is UTC, and a rating that is none is absent", arguments: ["Etc/Unknown", "Mars/Base", ""])
    func unusableMembers(zone: String) async throws {
        let events = try await EventsFixture()
        let ratings = ["6", "-1", "\"five\"", "true", "{}"]
        let sent = ratings.enumerated().map {
            events.track("e", id: "m\($0)", properties: "{\"rating\":\($1)}", more: ",\"context\":{\"timezone\":\"\(zone)\"}")
        }
        #expect(try await events.send(sent).allSatisfy { $0 == "accepted" })
        let kept = try await events.timeline("u1")
        #expect(kept.count == ratings.count && kept.allSatisfy { $0.timeZone == "UTC" && $0.rating == nil })
    }

    @Test("`timestamp` counts before `originalTimestamp`, whichever stands first", arguments: [true, false])
    func moments(isOriginalFirst: Bool) async throws {
        let events = try await EventsFixture()
        let (at, original) = (events.now.adding(seconds: -60), events.now.adding(seconds: -3600))
        let both = [#""timestamp":"\#(at.rfc3339)""#, #""originalTimestamp":"\#(original.rfc3339)""#]
        let members = (isOriginalFirst ? both.reversed() : both).joined(separator: ",")
        #expect(try await events.send([#"{"type":"track","event":"e","userId":"u1","messageId":"m",\#(members)}"#]) == ["accepted"])
        #expect(try await events.timeline("u1").map(\.at) == [at])
    }

    @Test("nothing is concluded of somebody who does not allow it, neither what they think of a product")
    func rating() async throws {
        let events = try await EventsFixture()
        #expect(try await events.send([events.track("product_view", id: "m", properties: #"{"product_id":1}"#)]) == ["accepted"])
        func value() async throws -> Double {
            try await events.engine.behavior.rating(events.scope, events.user("u1"), product: "1").implicit.value
        }
        #expect(try await value() > 0)
        let user = try events.scope.authorize(.writeConsent, for: .user(UserID("u1")))
        let change = ConsentChange(decisions: [.personalization: false], source: "test")
        _ = try await events.engine.consents.decide(events.scope, user, change)
        #expect(try await value() == 0)
    }
}
