import Engine
import Testing

@Suite("Lists of behavioral profiles")
struct BehavioralProfileListTests {
    private func make(_ events: EventsFixture, _ user: String, _ score: Double) async throws -> Int64 {
        var change = BehavioralProfileChange()
        change.score = score
        return try await events.engine.behavioralProfiles.create(events.scope, user: UserID(user), change).id
    }

    private func list(
        _ events: EventsFixture, _ level: EngagementLevel?, after: Int64 = 0, skip: Int = 0, limit: Int = 100
    ) async throws -> [String] {
        try await events.engine.behavioralProfiles.profiles(events.scope, after: after, skip: skip, limit: limit, level: level)
            .map(\.userID.text)
    }

    @Test("are in the order of ids, by level and in pages, and a page leaves nobody out")
    func pages() async throws {
        let events = try await EventsFixture()
        for number in 0..<30 { _ = try await make(events, "u\(number)", Double(number * 7 % 100)) }
        for level: EngagementLevel? in [nil, .high, .medium, .low] {
            let expected = (0..<30).filter { level == nil || level == EngagementLevel(score: Double($0 * 7 % 100)) }.map { "u\($0)" }
            #expect(try await list(events, level) == expected)
            var bySkip: [String] = []
            for skip in stride(from: 0, to: 31, by: 4) { bySkip += try await list(events, level, skip: skip, limit: 4) }
            #expect(bySkip == expected)
            var (byID, last): ([String], Int64) = ([], 0)
            while true {
                let page = try await events.engine.behavioralProfiles.profiles(
                    events.scope, after: last, skip: 0, limit: 4, level: level)
                guard let end = page.last else { break }
                byID += page.map(\.userID.text)
                last = end.id
            }
            #expect(byID == expected)
            #expect(try await list(events, level, skip: 1_000_000_000).isEmpty)
        }
    }

    @Test("a score that is changed moves its profile at once")
    func moves() async throws {
        let events = try await EventsFixture()
        let id = try await make(events, "u1", 90)
        _ = try await make(events, "u2", 95)
        var change = BehavioralProfileChange()
        change.score = 10
        _ = try await events.engine.behavioralProfiles.update(events.scope, id: id, change)
        #expect(try await list(events, .high) == ["u2"])
        #expect(try await list(events, .low) == ["u1"])
    }

    @Test("nobody is shown under a level that time has taken, and upkeep files them where they belong")
    func upkeep() async throws {
        let fixture = try await EngineFixture()
        var events = try await EventsFixture(fixture)
        let key = try await fixture.makeKey().key
        for user in ["u1", "u2", "u3"] { _ = try await make(events, user, 90) }
        _ = try await events.send(["u1", "u2"].map { events.track("product_view", user: $0, id: $0, properties: #"{"product_id":1}"#) })
        events = try events.later(seconds: 29 * 86_400, key: key)
        #expect(try await list(events, .high) == ["u1", "u2", "u3"])
        events = try events.later(seconds: 2 * 86_400, key: key)
        // Behaviour speaks where a score is old: one view is little. Of u3 there is none, and the score is all that is known.
        #expect(try await list(events, .high, limit: 1) == ["u3"])
        await fixture.engine.tidy(logger: EngineFixture.logger)
        #expect(try await list(events, .low) == ["u1", "u2"])
        // Silence does not bring a score back that was given long ago.
        events = try events.later(seconds: 40 * 86_400, key: key)
        await fixture.engine.tidy(logger: EngineFixture.logger)
        #expect(try await list(events, .high) == ["u3"])
        #expect(try await list(events, .low) == ["u1", "u2"])
    }

    @Test("upkeep goes round all profiles of all tenants, a bounded number at a time")
    func rounds() async throws {
        let fixture = try await EngineFixture()
        var events = try await EventsFixture(fixture)
        let key = try await fixture.makeKey().key
        let count = Limits.behavioralProfilesJudgedAtOnceMax + 50
        for number in 0..<count { _ = try await make(events, "u\(number)", 90) }
        for start in stride(from: 0, to: count, by: 50) {
            _ = try await events.send(
                (start..<start + 50).map { events.track("product_view", user: "u\($0)", id: "m", properties: #"{"product_id":1}"#) })
        }
        events = try events.later(seconds: 31 * 86_400, key: key)
        #expect(try await list(events, .low).isEmpty)
        await fixture.engine.tidy(logger: EngineFixture.logger)
        #expect(try await list(events, .low, limit: 2000).count == Limits.behavioralProfilesJudgedAtOnceMax)
        await fixture.engine.tidy(logger: EngineFixture.logger)
        #expect(try await list(events, .low, limit: 2000).count == count)
    }

    @Test("whoever rises by behavior is there at the next read, and a reader files a bounded number of those whom time has moved")
    func rising() async throws {
        let fixture = try await EngineFixture()
        var events = try await EventsFixture(fixture)
        let key = try await fixture.makeKey().key
        let count = Limits.behavioralProfilesFiledPerReadMax + 20
        for number in 0..<count { _ = try await make(events, "u\(number)", 10) }
        events = try events.later(seconds: 31 * 86_400, key: key)
        for number in 0..<count {
            _ = try await events.send(
                (0..<20).map { events.track("purchase_completed", user: "u\(number)", id: "m\($0)", properties: #"{"product_id":\#($0)}"#) }
            )
        }
        let level = try await events.engine.behavioralProfiles.profile(events.scope, user: UserID("u0")).level
        #expect(level != .low)
        #expect(try await list(events, level, limit: 1000).count == count)
        events = try events.later(seconds: 40 * 86_400, key: key)
        #expect(try await list(events, level, limit: 1000).isEmpty)
        #expect(try await list(events, .low, limit: 1000).count == Limits.behavioralProfilesFiledPerReadMax)
    }
}
