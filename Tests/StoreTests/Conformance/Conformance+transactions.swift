import Store
import Testing

extension Conformance {
    static let transactions = [
        Check("a transaction reads what it has written", readsItsWrites),
        Check("a discarded draft leaves no trace", discardLeavesNothing),
        Check("a failing request does not spoil the others", failuresStayAlone),
        Check("a transaction is whole", transactionsAreWhole),
        Check("several at once run in their order, each for itself", severalAtOnce),
        Check("2,000 concurrent increments give 2,000", countersCount),
        Check("money moves without being made", transfersKeepTheSum),
    ]

    private static func readsItsWrites(_ fixture: any EngineFixture) async throws {
        let engine = await fixture.engine
        let (old, new) = (ItemKey("USER#u1", "LEAD"), ItemKey("USER#u1", "NOTE"))
        try await engine.put(old, "before")
        let transaction = Transaction<[String?]>([old, new]) { draft in
            var seen: [String?] = []
            func see() { for key in [old, new] { seen.append(draft[key].map { String(decoding: $0.payload, as: UTF8.self) }) } }
            see()
            draft.put(new, entityType: "Text", payload: Array("new".utf8))
            draft.delete(old)
            see()
            draft.put(old, entityType: "Text", payload: Array("after".utf8))
            draft.delete(new)
            see()
            return .commit(seen)
        }
        #expect(try await engine.write(transaction, now: 0) == ["before", nil, nil, "new", "after", nil])
        #expect(try await engine.text(old) == "after")
        #expect(try await engine.text(new) == nil)
    }

    private static func discardLeavesNothing(_ fixture: any EngineFixture) async throws {
        let engine = await fixture.engine
        let (old, new) = (ItemKey("USER#u1", "LEAD"), ItemKey("USER#new", "LEAD"))
        let version = try await engine.put(old, "before")
        let transaction = Transaction<String>([old, new]) { draft in
            draft.delete(old)
            draft.put(new, entityType: "Text", payload: [1])
            return .discard("thrown away")
        }
        let outputs = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<20 {
                group.addTask { try await engine.write(transaction, now: 0) }
                group.addTask { "\(try await engine.increment(ItemKey("USER#u1", "COUNT")) > 0)" }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outputs.filter { $0 == "thrown away" }.count == 20)
        #expect(try await engine.get(old, now: 0)?.version == version)
        #expect(try await engine.get(new, now: 0) == nil)
        #expect(try await engine.text(ItemKey("USER#u1", "COUNT")) == "20")
    }

    private static func severalAtOnce(_ fixture: any EngineFixture) async throws {
        let engine = await fixture.engine
        let key = ItemKey("USER#u1", "LEAD")
        func append(_ letter: String) -> Transaction<String> {
            Transaction([key]) { draft in
                let payload = (draft[key]?.payload ?? []) + Array(letter.utf8)
                draft.put(key, entityType: "Text", payload: payload)
                return .commit(String(decoding: payload, as: UTF8.self))
            }
        }
        let discarding = Transaction<String>([key]) { draft in
            draft.delete(key)
            return .discard("discarded")
        }
        let tooLarge = Transaction<String>([key]) { draft in
            draft.put(key, entityType: "Text", payload: [UInt8](repeating: 0, count: StoreLimits.bytesPerTransactionMax + 1))
            return .commit("too large")
        }
        let results = await engine.write([append("a"), discarding, append("b"), tooLarge, append("c")], now: 0)
        #expect(results.map { try? $0.get() } == ["a", "discarded", "ab", nil, "abc"])
        #expect(results.compactMap(Self.code) == [.tooLarge])
        #expect(try await engine.text(key) == "abc")
        #expect(await engine.write([Transaction<String>](), now: 0).isEmpty)
        // Either all of them find room in the queue, or none.
        let flood = [Transaction<String>](repeating: append("d"), count: StoreLimits.waitingRequestsMax + 1)
        let refused = await engine.write(flood, now: 0)
        #expect(refused.allSatisfy { Self.code($0) == .busy })
        #expect(try await engine.text(key) == "abc")
    }

    private static func code(_ result: Result<String, StoreError>) -> StoreError.Code? {
        guard case .failure(let error) = result else { return nil }
        return error.code
    }

    private static func failuresStayAlone(_ fixture: any EngineFixture) async throws {
        let engine = await fixture.engine
        let longName = ItemKey(PartitionKey("USER#bad"), sort: [UInt8](repeating: 65, count: StoreLimits.keyBytesMax))
        let codes = await withTaskGroup(of: StoreError.Code?.self) { group in
            for number in 0..<200 {
                group.addTask {
                    do throws(StoreError) {
                        switch number % 4 {
                        case 0: try await engine.put(longName, "x")
                        case 1: try await engine.put(ItemKey("USER#bad", "LEAD"), "x", type: String(repeating: "T", count: 256))
                        default: try await engine.increment(ItemKey("USER#good", "COUNT"))
                        }
                        return nil
                    } catch {
                        return error.code
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.filter { $0 == nil }.count == 100)
        #expect(codes.filter { $0 == .tooLarge }.count == 100)
        #expect(try await engine.text(ItemKey("USER#good", "COUNT")) == "100")
        #expect(try await engine.get(ItemKey("USER#bad", "LEAD"), now: 0) == nil)
    }

    private static func transactionsAreWhole(_ fixture: any EngineFixture) async throws {
        let engine = await fixture.engine
        let keys = (0..<10).map { ItemKey("USER#\($0)", "SHARED") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<100 {
                group.addTask {
                    let transaction = Transaction<Void>(keys) { draft in
                        for key in keys { draft.put(key, entityType: "Text", payload: Array("\(number)".utf8)) }
                        return .commit(())
                    }
                    try await engine.write(transaction, now: 0)
                }
            }
            for _ in 0..<50 {
                group.addTask {
                    // Reads all in one snapshot.
                    let transaction = Transaction<Int>(keys) { draft in .discard(Set(keys.map { draft[$0]?.payload }).count) }
                    let unlike = try await engine.write(transaction, now: 0)
                    #expect(unlike == 1)
                }
            }
            try await group.waitForAll()
        }
    }

    private static func countersCount(_ fixture: any EngineFixture) async throws {
        let engine = await fixture.engine
        let key = ItemKey("USER#u1", "COUNT")
        let seen = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<2000 { group.addTask { try await engine.increment(key) } }
            return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect(seen == Set(1...2000))
        #expect(try await engine.text(key) == "2000")
        try await fixture.reopen()
        #expect(try await fixture.engine.text(key) == "2000")
    }

    private static func transfersKeepTheSum(_ fixture: any EngineFixture) async throws {
        let engine = await fixture.engine
        let accounts = (0..<8).map { ItemKey("USER#\($0)", "ACCOUNT") }
        for account in accounts { try await engine.put(account, bytes: [100]) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<400 {
                let (from, to) = (accounts[number % 8], accounts[(number * 3 + 1) % 8])
                group.addTask {
                    let transaction = Transaction<Void>([from, to]) { draft in
                        guard from != to, let rest = draft[from]?.payload.first, rest > 0 else { return .discard(()) }
                        draft.put(from, entityType: "Account", payload: [rest - 1])
                        draft.put(to, entityType: "Account", payload: [(draft[to]?.payload.first ?? 0) + 1])
                        return .commit(())
                    }
                    try await engine.write(transaction, now: 0)
                }
            }
            try await group.waitForAll()
        }
        var sum = 0
        for account in accounts { sum += Int(try await engine.get(account, now: 0)?.payload.first ?? 0) }
        #expect(sum == 800)
    }
}
