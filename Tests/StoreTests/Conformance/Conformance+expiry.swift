import Store
import Testing

extension Conformance {
    static let expiry = [
        Check("an expired item is absent to every reader", expiredIsAbsent),
        Check("a new expiry replaces the old", expiryMoves),
        Check("sweeping deletes what has expired and nothing else", sweepingDeletes),
        Check("an item that ended before time began is expired, not eternal", expiryOfZero),
    ]

    private static let key = ItemKey("USER#u1", "SESSION#1")

    private static func expiredIsAbsent(_ fixture: any EngineFixture) async throws {
        let engine = await fixture.engine
        try await engine.put(key, "x", expiresAt: 1000)
        #expect(try await engine.text(key, now: 999) == "x")
        #expect(try await engine.text(key, now: 1000) == nil)
        #expect(try await engine.sorts(key.partition, now: 999) == ["SESSION#1"])
        #expect(try await engine.sorts(key.partition, now: 1000).isEmpty)
        let look = Transaction<Bool>([key]) { draft in .discard(draft[key] != nil) }
        #expect(try await engine.write(look, now: 999))
        #expect(try await engine.write(look, now: 1000) == false)
        // It comes back as a new item, and goes for good.
        try await engine.put(key, "y", now: 2000)
        #expect(try await engine.text(key, now: 3000) == "y")
        try await engine.delete(key, now: 3000)
        #expect(try await engine.sorts(key.partition, prefix: "SESSION#", now: 0).isEmpty)
    }

    private static func expiryMoves(_ fixture: any EngineFixture) async throws {
        let engine = await fixture.engine
        try await engine.put(key, "x", expiresAt: 1000)
        try await engine.put(key, "y", expiresAt: 5000)
        #expect(try await engine.sweepExpired(now: 2000) == 0)
        #expect(try await engine.text(key, now: 2000) == "y")
        try await engine.put(key, "z")
        #expect(try await engine.sweepExpired(now: 9000) == 0)
        #expect(try await engine.text(key, now: 9000) == "z")
        try await engine.put(key, "w", expiresAt: 9500)
        try await engine.delete(key)
        #expect(try await engine.sweepExpired(now: 10_000) == 0)
    }

    private static func sweepingDeletes(_ fixture: any EngineFixture) async throws {
        let engine = await fixture.engine
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<1200 {
                let expiresAt: Int64? = number % 3 == 0 ? nil : Int64(number)
                group.addTask {
                    try await engine.put(ItemKey("USER#\(number % 7)", "SESSION#\(number)"), "x", expiresAt: expiresAt)
                }
            }
            try await group.waitForAll()
        }
        var swept = 0
        var rounds = 0
        while rounds < 100, case let count = try await engine.sweepExpired(now: 900), count > 0 {
            #expect(count <= StoreLimits.expiredPerSweepMax)
            swept += count
            rounds += 1
        }
        #expect(swept == (0...900).filter { $0 % 3 != 0 }.count)
        try await fixture.reopen()
        // Whoever looks back in time sees what was deleted, not only what is hidden.
        var left = 0
        for user in 0..<7 { left += try await fixture.engine.sorts(PartitionKey("USER#\(user)"), prefix: "SESSION#", now: 0).count }
        #expect(left == 1200 - swept)
    }

    private static func expiryOfZero(_ fixture: any EngineFixture) async throws {
        let engine = await fixture.engine
        for (number, expiresAt) in [Int64.min, -1, 0].enumerated() {
            try await engine.put(ItemKey("USER#u1", "SESSION#\(number)"), "x", expiresAt: expiresAt)
            #expect(try await engine.text(ItemKey("USER#u1", "SESSION#\(number)"), now: 10) == nil)
        }
        #expect(try await engine.sweepExpired(now: 10) == 3)
        #expect(try await engine.sorts(PartitionKey("USER#u1"), now: 0).isEmpty)
    }
}
