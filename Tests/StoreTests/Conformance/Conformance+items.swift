import Store
import Testing

extension Conformance {
    static let items = [
        Check("an item is what was put, and absent after deletion", itemsComeAndGo),
        Check("versions never come back", versionsGrow),
        Check("everything outlives reopening", reopeningKeeps),
        Check("tenants are apart", tenantsAreApart),
        Check("names are bytes", namesAreBytes),
        Check("several items are read at one moment, each as if alone", severalAreReadAtOnce),
    ]

    private static func itemsComeAndGo(_ fixture: any EngineFixture) async throws {
        let engine = await fixture.engine
        let key = ItemKey("USER#u1", "PERSONALIZATION")
        #expect(try await engine.get(key, now: 0) == nil)
        let version = try await engine.put(key, bytes: [0, 1, 255], type: "PersonalizationProfile", expiresAt: 5000)
        #expect(
            try await engine.get(key, now: 0)
                == Item(entityType: "PersonalizationProfile", version: version, expiresAt: 5000, payload: [0, 1, 255]))
        try await engine.put(key, bytes: [], type: "")
        let empty = try #require(try await engine.get(key, now: 0))
        #expect(empty.payload.isEmpty && empty.entityType.isEmpty && empty.expiresAt == nil)
        try await engine.delete(key)
        #expect(try await engine.get(key, now: 0) == nil)
        try await engine.delete(key)
        #expect(try await engine.get(key, now: 0) == nil)
    }

    private static func versionsGrow(_ fixture: any EngineFixture) async throws {
        let key = ItemKey("USER#u1", "LEAD")
        var last: UInt64 = 0
        for round in 0..<6 {
            let engine = await fixture.engine
            let version = try await engine.put(key, "round \(round)")
            #expect(version > last)
            #expect(try await engine.get(key, now: 0)?.version == version)
            last = version
            if round % 2 == 0 { try await engine.delete(key) }
            if round % 3 == 0 { try await fixture.reopen() }
        }
    }

    private static func reopeningKeeps(_ fixture: any EngineFixture) async throws {
        let before = await fixture.engine
        for number in 0..<50 { try await before.put(ItemKey("USER#\(number)", "LEAD"), "\(number)") }
        try await before.delete(ItemKey("USER#7", "LEAD"))
        try await fixture.reopen()
        let after = await fixture.engine
        for number in 0..<50 {
            #expect(try await after.text(ItemKey("USER#\(number)", "LEAD")) == (number == 7 ? nil : "\(number)"))
        }
    }

    private static func tenantsAreApart(_ fixture: any EngineFixture) async throws {
        let engine = await fixture.engine
        let tenants: [UInt32] = [0, 1, 255, 256, 65_535, 65_536, .max]
        for tenant in tenants { try await engine.put(ItemKey("USER#u1", "EVENT#1", tenant: tenant), "of \(tenant)") }
        for tenant in tenants {
            #expect(try await engine.text(ItemKey("USER#u1", "EVENT#1", tenant: tenant)) == "of \(tenant)")
            #expect(try await engine.sorts(PartitionKey("USER#u1", tenant: tenant)) == ["EVENT#1"])
        }
        try await engine.delete(ItemKey("USER#u1", "EVENT#1", tenant: 255))
        #expect(try await engine.sorts(PartitionKey("USER#u1", tenant: 255)).isEmpty)
        #expect(try await engine.sorts(PartitionKey("USER#u1", tenant: 256)) == ["EVENT#1"])
        #expect(try await engine.sorts(PartitionKey("USER#u1", tenant: 2)).isEmpty)
    }

    private static func severalAreReadAtOnce(_ fixture: any EngineFixture) async throws {
        let engine = await fixture.engine
        let keys = [
            ItemKey("USER#u1", "LEAD"), ItemKey("USER#u1", "EVENT#1"), ItemKey("USER#u1", "NOTE"), ItemKey("USER#u2", "LEAD"),
            ItemKey("USER#u1", "LEAD", tenant: 2), ItemKey("CATALOG", "PRODUCT#1"),
        ]
        #expect(try await engine.get(keys, now: 0) == Array(repeating: nil, count: keys.count))
        #expect(try await engine.get([], now: 0) == [])
        try await engine.put(keys[0], "lead", expiresAt: 1000)
        try await engine.put(keys[1], "event")
        try await engine.put(keys[5], "product")
        for now in [Int64(0), 1000] {
            var alone: [Item?] = []
            for key in keys { alone.append(try await engine.get(key, now: now)) }
            #expect(try await engine.get(keys, now: now) == alone)
            #expect(alone.map { $0 != nil } == [now == 0, true, false, false, false, true])
            #expect(try await engine.get(keys.reversed(), now: now) == alone.reversed())
        }
        // Two items that always change together are never seen apart.
        let pair = [ItemKey("USER#u3", "LEAD"), ItemKey("USER#u3", "NOTE")]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for round in 0..<200 {
                group.addTask {
                    let transaction = Transaction<Void>(pair) { draft in
                        for key in pair { draft.put(key, entityType: "Text", payload: Array("\(round)".utf8)) }
                        return .commit(())
                    }
                    try await engine.write(transaction, now: 0)
                }
                group.addTask {
                    let seen = try await engine.get(pair, now: 0)
                    #expect(seen[0]?.version == seen[1]?.version)
                }
            }
            try await group.waitForAll()
        }
    }

    private static func namesAreBytes(_ fixture: any EngineFixture) async throws {
        let engine = await fixture.engine
        let names = ["é", "e\u{301}", "a", "a\0", "a\0b", "A", "a#", "a#b", "\u{7F}", "a/b", "a%2Fb"]
        for (number, name) in names.enumerated() {
            try await engine.put(ItemKey("USER#\(name)", "LEAD"), "partition \(number)")
            try await engine.put(ItemKey("CATALOG", name), "sort \(number)")
        }
        for (number, name) in names.enumerated() {
            #expect(try await engine.text(ItemKey("USER#\(name)", "LEAD")) == "partition \(number)")
            #expect(try await engine.text(ItemKey("CATALOG", name)) == "sort \(number)")
        }
        let sorts = try await engine.query(PartitionKey("CATALOG"), prefix: [], after: nil, limit: 100, now: 0).map(\.sort)
        #expect(sorts == names.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) })
    }
}
