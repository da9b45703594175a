import Store
import Testing

extension Conformance {
    static let queries = [
        Check("a query answers in the order of bytes", queryOrder),
        Check("a prefix takes what starts so, and nothing else", queryPrefix),
        Check("pages meet without gap or overlap", queryPages),
        Check("a query of nothing is empty", queryNothing),
    ]

    private static let user = PartitionKey("USER#u1")

    private static func queryOrder(_ fixture: any EngineFixture) async throws {
        let engine = await fixture.engine
        var random = Random(seed: 7)
        let sorts = Set((0..<200).map { _ in [UInt8(ascii: "E")] + random.hostileBytes(upTo: 12) })
        let keys = sorts.shuffled(using: &random).map { ItemKey(user, sort: $0) }
        for start in stride(from: 0, to: keys.count, by: 50) {
            let some = Array(keys[start..<min(start + 50, keys.count)])
            let transaction = Transaction<Void>(some) { draft in
                for key in some { draft.put(key, entityType: "Text", payload: key.sort) }
                return .commit(())
            }
            try await engine.write(transaction, now: 0)
        }
        let found = try await engine.query(user, prefix: [], after: nil, limit: 1000, now: 0)
        #expect(found.map(\.sort) == sorts.sorted { $0.lexicographicallyPrecedes($1) })
        #expect(found.allSatisfy { $0.item.payload == $0.sort })
    }

    private static func queryPrefix(_ fixture: any EngineFixture) async throws {
        let engine = await fixture.engine
        let sorts = ["EVENT", "EVENT#1", "EVENT#10", "EVENT#2", "EVENT\u{22}", "EVENT$", "EVEN", "SESSION#1", "EVENT#\0", "EVENT#\u{7F}"]
        for sort in sorts { try await engine.put(ItemKey(user, sort: Array(sort.utf8)), sort) }
        for prefix in ["", "E", "EVENT", "EVENT#", "EVENT#1", "EVENT#\0", "SESSION#", "SESSION#1", "SESSION#12", "X", "EVENT$"] {
            let expected = sorts.filter { $0.utf8.starts(with: prefix.utf8) }
            #expect(try await engine.sorts(user, prefix: prefix) == expected.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        }
    }

    private static func queryPages(_ fixture: any EngineFixture) async throws {
        let engine = await fixture.engine
        let sorts = (100..<147).map { "EVENT#\($0)" }
        for sort in sorts + ["ACCOUNT", "FRIEND#1"] { try await engine.put(ItemKey(user, sort: Array(sort.utf8)), "x") }
        for limit in [1, 7, 46, 47, 48] {
            var pages: [String] = []
            var last: String?
            repeat {
                let page = try await engine.sorts(user, prefix: "EVENT#", after: last, limit: limit)
                #expect(page.count <= limit)
                pages += page
                last = page.last
            } while last != nil && pages.count <= sorts.count
            #expect(pages == sorts)
        }
        // The place to go on from need not be there, nor have the prefix.
        #expect(try await engine.sorts(user, prefix: "EVENT#", after: "EVENT#1005", limit: 1) == ["EVENT#101"])
        #expect(try await engine.sorts(user, prefix: "EVENT#", after: "ACCOUNT", limit: 1) == ["EVENT#100"])
        #expect(try await engine.sorts(user, prefix: "EVENT#", after: "FRIEND#0").isEmpty)
        #expect(try await engine.sorts(user, limit: 0).count == 1)
        #expect(try await engine.sorts(user, limit: .max).count == 49)
    }

    private static func queryNothing(_ fixture: any EngineFixture) async throws {
        let engine = await fixture.engine
        #expect(try await engine.sorts(user).isEmpty)
        try await engine.put(ItemKey("USER#u2", "EVENT#1"), "x")
        #expect(try await engine.sorts(user).isEmpty)
        try await engine.put(ItemKey(user, sort: Array("EVENT#1".utf8)), "x")
        try await engine.delete(ItemKey(user, sort: Array("EVENT#1".utf8)))
        #expect(try await engine.sorts(user).isEmpty)
        #expect(try await engine.sorts(user, prefix: "EVENT#").isEmpty)
    }
}
