import Engine
import Testing

@Suite struct TimelineTests {
    private func page(_ events: EventsFixture, limit: Int, cursor: String? = nil) async throws -> TimelinePage {
        try await events.engine.behavior.timeline(events.scope, events.user("u1"), limit: limit, cursor: cursor)
    }

    /// Every event once, in one order whatever the size of the pages, the newest first.
    private func check(_ events: EventsFixture, count: Int, limits: [Int] = [1, 7, 50, 200]) async throws {
        var orders: Set<[String]> = []
        for limit in limits {
            var (seen, cursor): ([Event], String?) = ([], nil)
            repeat {
                let page = try await page(events, limit: limit, cursor: cursor)
                #expect(page.events.count == limit || page.nextCursor == nil)
                seen += page.events
                cursor = page.nextCursor
            } while cursor != nil
            #expect(seen.count == count && Set(seen.map(\.messageID)).count == count)
            #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.at >= $1.at })
            orders.insert(seen.map(\.messageID))
        }
        #expect(orders.count == 1)
    }

    @Test("late, early and simultaneous events come each in its place", arguments: [1, 2, 3])
    func order(_ seed: UInt64) async throws {
        let events = try await EventsFixture()
        var random = seed &* 0x9E37_79B9_7F4A_7C15
        func next(_ bound: UInt64) -> Int64 {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int64((random >> 33) % bound)
        }
        var number = 0
        for _ in 0..<30 {
            let base = events.now.adding(seconds: -next(9000))
            let some = (0..<10).map { _ in
                number += 1
                return events.track("e", id: "m\(number)", at: base.adding(seconds: next(3) == 0 ? 0 : next(300)))
            }
            #expect(try await events.send(some).allSatisfy { $0 == "accepted" })
        }
        try await check(events, count: 300)
    }

    @Test("thousands of events of one moment go page by page")
    func oneMoment() async throws {
        let events = try await EventsFixture()
        for start in stride(from: 0, to: 2000, by: 500) {
            let some = (start..<start + 500).map { events.track("e", id: "m\($0)") }
            #expect(try await events.send(some).allSatisfy { $0 == "accepted" })
        }
        try await check(events, count: 2000, limits: [73, 200])
    }

    @Test("takes no cursor that was not given out", arguments: ["", "1", "1.", ".1", "x.1", "1.2.3", "-1.1", "9999999999999999.1", "1.-1"])
    func cursors(_ cursor: String) async throws {
        let events = try await EventsFixture()
        await #expect(throws: EngineError.self) { try await page(events, limit: 1, cursor: cursor) }
    }
}
