import Engine
import Store
import Testing

@Suite struct EventLogTests {
    @Test func whatIsTakenIsSeenByTheNextRead() async throws {
        let events = try await EventsFixture()
        #expect(
            try await events.send([events.track("product_view", id: "m1", properties: #"{"product_id":17,"category":"lamps"}"#)]) == [
                "accepted"
            ])
        let features = try await events.features("u1")
        #expect(features.totalEvents == 1 && features.productViews == 1 && features.uniqueProducts == 1 && features.categoriesExplored == 1)
        #expect(try await events.timeline("u1").map(\.productID) == ["17"])
        let rating = try await events.engine.behavior.rating(events.scope, events.user("u1"), product: "17")
        #expect(rating.implicit.value == 1)
        #expect(try await events.features("u2").totalEvents == 0)
    }

    @Test("the same message counts once: in a batch, later, across a restart, and until it is forgotten")
    func duplicates() async throws {
        let events = try await EventsFixture()
        let event = events.track("product_view", id: "m1")
        #expect(try await events.send([event, event]) == ["accepted", "duplicate"])
        #expect(try await events.send([event]) == ["duplicate"])
        #expect(try await events.send([events.track("product_view", user: "u2", id: "m1")]) == ["accepted"])
        let key = try await events.fixture.makeKey().key
        let reopened = try await events.fixture.reopened()
        let scope = try reopened.scope(key)
        let tape = try #require(JSONTape(Array(event.utf8)))
        func again(_ scope: Scope) async throws -> EventOutcome.Status {
            let reader = try reopened.engine.events.reader(scope, .init())
            return try await reopened.engine.events.take(scope, [reader.event(tape.root)], .init())[0].status
        }
        #expect(try await again(scope) == .duplicate)
        reopened.advance(seconds: 47 * 3600)
        #expect(try await again(try reopened.scope(key)) == .duplicate)
    }

    @Test("many messages of one user are still known each", arguments: [1, 7, 50])
    func manyMessages(batch: Int) async throws {
        let events = try await EventsFixture()
        let all = (0..<400).map { events.track("e", id: "m\($0)", at: events.now.adding(seconds: Int64($0 * 7 - 2800))) }
        for start in stride(from: 0, to: all.count, by: batch) {
            let some = Array(all[start..<min(start + batch, all.count)])
            #expect(try await events.send(some).allSatisfy { $0 == "accepted" })
        }
        #expect(try await events.send(all).allSatisfy { $0 == "duplicate" })
        #expect(try await events.features("u1").totalEvents == 400)
        #expect(try await events.timeline("u1").map(\.messageID) == (0..<400).reversed().map { "m\($0)" })
    }

    @Test("what has been spread over items of their own is known as long as what has not", arguments: [90, 150, 250])
    func spreadMessages(count: Int) async throws {
        let events = try await EventsFixture()
        let key = try await events.fixture.makeKey().key
        let all = (0..<count).map { events.track("e", id: "m\($0)") }
        #expect(try await events.send(all).allSatisfy { $0 == "accepted" })
        var later = try events.later(seconds: 47 * 3600, key: key)
        #expect(try await later.send(all).allSatisfy { $0 == "duplicate" })
        // What comes now makes a generation end, here and there; the former one is still known.
        let more = (0..<120).map { later.track("e", id: "n\($0)") }
        later = try events.later(seconds: 2 * 3600, key: key)
        #expect(try await later.send(more).allSatisfy { $0 == "accepted" })
        later = try events.later(seconds: 45 * 3600, key: key)
        #expect(try await later.send(more).allSatisfy { $0 == "duplicate" })
        #expect(try await later.features("u1").totalEvents == count + 120)
    }

    @Test("somebody with more message ids than one transaction may write is still taken events of")
    func veryManyMessages() async throws {
        let fixture = try await EngineFixture()
        var events = try await EventsFixture(fixture)
        let first = (0..<200).map { events.track("e", id: "m\($0)") }
        #expect(try await events.send(first).allSatisfy { $0 == "accepted" })
        await fixture.engine.close()
        try await Self.fillShards(fixture, each: 20_000)
        let opened = try await EngineFixture(fixture.folder)
        events = EventsFixture(opened, scope: try opened.scope(try await opened.makeKey().key))
        let more = (0..<300).map { events.track("e", id: "n\($0)") }
        for start in stride(from: 0, to: more.count, by: 50) {
            #expect(try await events.send(Array(more[start..<(start + 50)])).allSatisfy { $0 == "accepted" })
        }
        #expect(try await events.send(first + more).allSatisfy { $0 == "duplicate" })
    }

    /// Adds message ids to all items that those of the user `u1` are spread over.
    private static func fillShards(_ fixture: EngineFixture, each count: Int) async throws {
        let vault = try KeyVault(folder: "\(fixture.dataPath)/vault", masterKeyPath: "\(fixture.folder.path)/master.key")
        let store = try LMDBEngine(.init(folder: "\(fixture.dataPath)/store"), vault: vault, now: fixture.now.milliseconds)
        defer { store.close() }
        for shard in 0..<UInt64(Limits.messageShards) {
            let key = ItemKey(PartitionKey(tenant: TenantNumber(1), name: Array("USER#u1".utf8)), sort: Array("SEEN#\(shard)".utf8))
            let digests = (1...UInt64(count)).flatMap { number in
                withUnsafeBytes(of: (number << 32 + shard).littleEndian) { [UInt8(2 << 3 | 1)] + $0 }
            }
            let transaction = Transaction<Bool>([key]) { draft in
                guard let item = draft[key] else { return .discard(false) }
                // A message that stands behind another one in protocol buffers adds its repeated members to it.
                draft.put(key, entityType: item.entityType, payload: item.payload + digests, expiresAt: item.expiresAt)
                return .commit(true)
            }
            _ = try await store.write(transaction, now: fixture.now.milliseconds)
        }
    }

    @Test(
        "events of any order and size of batch: features, timeline and ratings are those of a recount", arguments: 0..<12 as Range<UInt64>)
    func anyOrder(seed: UInt64) async throws {
        var numbers = SeededNumbers(seed: seed)
        let events = try await EventsFixture()
        let count = 120
        let times = (0..<count).map { _ in
            Timestamp(milliseconds: events.now.milliseconds - Int64.random(in: 0...(20 * 86_400_000), using: &numbers) / 1000 * 1000)
        }
        let types = (0..<count).map { _ in InteractionType.allCases.randomElement(using: &numbers) ?? .pageView }
        let products = (0..<count).map { _ in Int.random(in: 1...6, using: &numbers) }
        var all = (0..<count).map {
            events.track(types[$0].name, id: "m\($0)", at: times[$0], properties: "{\"product_id\":\(products[$0])}")
        }
        all.shuffle(using: &numbers)
        while !all.isEmpty {
            let size = min(all.count, Int.random(in: 1...60, using: &numbers))
            #expect(try await events.send(Array(all.prefix(size))).allSatisfy { $0 == "accepted" })
            all.removeFirst(size)
        }
        let features = try await events.features("u1")
        #expect(features.totalEvents == count && features.uniqueProducts == Set(products).count)
        #expect(features.purchases == types.count { $0 == .purchaseCompleted })
        let timeline = try await events.timeline("u1")
        #expect(timeline.map(\.at) == times.sorted(by: >))
        #expect(Set(timeline.map(\.messageID)).count == count)
        let rating = try await events.engine.behavior.rating(events.scope, events.user("u1"), product: "3")
        let expected = (0..<count).filter { products[$0] == 3 }.map { (type: types[$0], at: times[$0]) }
        #expect(abs(rating.implicit.value - ImplicitRating(expected, now: events.now, halfLifeDays: 30).value) < 1e-9)
    }

    @Test("concurrent senders of one user lose nothing and double nothing")
    func concurrent() async throws {
        let events = try await EventsFixture()
        await withTaskGroup(of: Void.self) { group in
            for sender in 0..<40 {
                group.addTask {
                    for number in 0..<5 {
                        // Every message is sent by two of the senders.
                        let id = "m\(sender / 2)-\(number)"
                        let at = events.now.adding(seconds: -Int64((sender / 2) * 3000 + number))
                        _ = try? await events.send([events.track("product_view", id: id, at: at)])
                    }
                }
            }
        }
        #expect(try await events.features("u1").totalEvents == 100)
        #expect(try await events.timeline("u1").count == 100)
    }

    @Test("a bad event is refused and the rest is taken")
    func poison() async throws {
        let events = try await EventsFixture()
        let good = events.track("e", id: "good")
        let bad = [
            #"{"type":"track","userId":"u1"}"#, #"{"type":"nothing","userId":"u1"}"#, #"{"type":"track","event":"e"}"#, "17",
            #"{"type":"track","event":"e","userId":["u1"]}"#,
            #"{"type":"track","event":"e","userId":"u1","timestamp":"yesterday"}"#,
        ]
        #expect(try await events.send([good] + bad) == ["accepted"] + bad.map { _ in "invalid" })
        let large = events.track("e", id: "l", properties: "{\"x\":\"\(String(repeating: "x", count: 33_000))\"}")
        #expect(try await events.send([large]) == ["too_large"])
        let times = [-401 * 86_400, 301].map { events.now.adding(seconds: Int64($0)) }
        #expect(try await events.send(times.map { events.track("e", id: "t", at: $0) }) == ["timestamp", "timestamp"])
        #expect(try await events.features("u1").totalEvents == 1)
    }

    @Test("skew is taken out of the time by when the event was sent")
    func skew() async throws {
        let events = try await EventsFixture()
        let (happened, sent) = (events.now.adding(seconds: 3_000_000 - 60), events.now.adding(seconds: 3_000_000))
        let event = events.track("e", id: "m", at: happened, more: ",\"sentAt\":\"\(sent.rfc3339)\"")
        #expect(try await events.send([event]) == ["accepted"])
        #expect(try await events.timeline("u1").map(\.at) == [events.now.adding(seconds: -60)])
    }

    @Test("what a program sends is kept and not counted")
    func bots() async throws {
        let events = try await EventsFixture()
        let agent = #","context":{"userAgent":"Mozilla/5.0 (compatible; Googlebot/2.1)"}"#
        #expect(try await events.send([events.track("e", id: "m", more: agent)]) == ["accepted"])
        #expect(try await events.features("u1").totalEvents == 0)
        #expect(try await events.timeline("u1").map(\.isBot) == [true])
    }

    @Test("nothing is stored without consent, not even that there is a user")
    func consent() async throws {
        let events = try await EventsFixture(isConsentOptIn: true)
        #expect(try await events.send([events.track("e", id: "m")]) == ["consent"])
        #expect(try await ShowUser(tenant: "acme", user: "u1").perform(on: events.engine).items == 0)
        let user = try events.scope.authorize(.writeConsent, for: .user(UserID("u1")))
        _ = try await events.engine.consents.decide(events.scope, user, ConsentChange(decisions: [.analytics: true], source: "test"))
        #expect(try await events.send([events.track("e", id: "m")]) == ["accepted"])
        _ = try await events.engine.consents.decide(events.scope, user, ConsentChange(decisions: [.analytics: false], source: "test"))
        #expect(try await events.send([events.track("e", id: "n")]) == ["consent"])
        #expect(try await events.features("u1").totalEvents == 1)
    }

    @Test("how closely pages were looked at adds up, over days and late events, and is no event of its own kind in the timeline")
    func attention() async throws {
        let events = try await EventsFixture()
        #expect(try await events.send([events.track("outbound_click", id: "c")]) == ["accepted"])
        let told = [(1.25, 40.0, 0), (2, 90, 0), (0.5, 20, 3), (1e9, 1e9, 40)]
        for (place, (seconds, depth, daysAgo)) in told.enumerated() {
            let at = events.now.adding(seconds: -Int64(daysAgo) * 86_400)
            let properties = #"{"dwellSeconds":\#(seconds),"scrollDepth":\#(depth)}"#
            #expect(
                try await events.send([events.track("page_engagement", id: "m\(place)", at: at, properties: properties)]) == ["accepted"])
        }
        // What makes no sense counts as nothing, and refuses no event.
        let odd = [#"{"dwellSeconds":-1,"scrollDepth":-5}"#, #"{"dwellSeconds":"long","scrollDepth":null}"#]
        for (place, properties) in odd.enumerated() {
            #expect(try await events.send([events.track("page_engagement", id: "o\(place)", properties: properties)]) == ["accepted"])
        }
        let attention = try await events.engine.behavior.preferences(events.scope, events.user("u1")).attention
        #expect(attention == PageAttention(dwellMilliseconds: 3750, scrollPercentMax: 90, outboundClicks: 1))
        let session = try await events.engine.behavior.latestSession(events.scope, events.user("u1"))
        #expect(session?.attention == PageAttention(dwellMilliseconds: 3250, scrollPercentMax: 90, outboundClicks: 1))
        // Reading is nothing that was done besides viewing.
        #expect(session?.events == 1)
        #expect(try await events.features("u1").totalEvents == 1)
    }

    @Test("without consent to personalization events are counted, and nothing is concluded from them")
    func personalization() async throws {
        let events = try await EventsFixture()
        let user = try events.scope.authorize(.writeConsent, for: .user(UserID("u1")))
        func decide(_ allows: Bool) async throws {
            let change = ConsentChange(decisions: [.personalization: allows], source: "test")
            _ = try await events.engine.consents.decide(events.scope, user, change)
        }
        try await decide(false)
        #expect(try await events.send([events.track("add_to_cart", id: "m", properties: #"{"category":"lamps"}"#)]) == ["accepted"])
        #expect(try await events.features("u1").cartAdds == 1)
        func preferences() async throws -> BehavioralPreferences {
            try await events.engine.behavior.preferences(events.scope, events.user("u1"))
        }
        #expect(try await preferences().categories.isEmpty)
        #expect(try await preferences().score == 0)
        var given = BehavioralProfileChange()
        given.score = 50
        _ = try await events.engine.behavioralProfiles.create(events.scope, user: UserID("u1"), given)
        func interests() async throws -> String {
            try await events.engine.behavioralProfiles.profile(events.scope, user: UserID("u1")).interests
        }
        #expect(try await interests() == "")
        try await decide(true)
        #expect(try await preferences().categories.map(\.name) == ["lamps"])
        #expect(try await interests() == "lamps")
    }

    @Test("events end with their retention, and the next one finds its way")
    func retention() async throws {
        let fixture = try await EngineFixture()
        let events = try await EventsFixture(fixture)
        let key = try await fixture.makeKey().key
        #expect(try await events.send([events.track("e", id: "m")]) == ["accepted"])
        let later = try events.later(seconds: 401 * 86_400, key: key)
        #expect(try await later.timeline("u1").isEmpty)
        #expect(try await later.send([later.track("e", id: "n")]) == ["accepted"])
        await fixture.engine.tidy(logger: EngineFixture.logger)
        #expect(try await later.timeline("u1").map(\.messageID) == ["n"])
        #expect(try await later.features("u1").totalEvents == 1)
    }

    @Test("a token sends for its own user")
    func tokens() async throws {
        let events = try await EventsFixture()
        let token = try events.fixture.scope(try await events.fixture.mint(user: "u1"))
        #expect(try await events.send([#"{"type":"track","event":"e","messageId":"m"}"#], by: token) == ["accepted"])
        #expect(try await events.send([events.track("e", user: "u2", id: "m")], by: token) == ["forbidden"])
        #expect(try await events.features("u1").totalEvents == 1)
        #expect(try await events.features("u2").totalEvents == 0)
    }
}
