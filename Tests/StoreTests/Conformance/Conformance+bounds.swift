import Store
import Testing

extension Conformance {
    static let bounds = [
        Check("100 items are a transaction, 101 are not", itemBound),
        Check("4 MB are a transaction, a byte more is not", byteBound),
        Check("the longest key and the longest type fit", nameBounds),
    ]

    private static func itemBound(_ fixture: any EngineFixture) async throws {
        let engine = await fixture.engine
        for count in [StoreLimits.itemsPerTransactionMax, StoreLimits.itemsPerTransactionMax + 1] {
            let keys = (0..<count).map { ItemKey("USER#\(count)", "EVENT#\($0)") }
            let transaction = Transaction<Void>(keys) { draft in
                for key in keys { draft.put(key, entityType: "Text", payload: [1]) }
                return .commit(())
            }
            if count == StoreLimits.itemsPerTransactionMax {
                try await engine.write(transaction, now: 0)
            } else {
                await expectError(.tooLarge) { () throws(StoreError) in try await engine.write(transaction, now: 0) }
            }
        }
        #expect(try await engine.sorts(PartitionKey("USER#100")).count == 100)
        #expect(try await engine.sorts(PartitionKey("USER#101")).isEmpty)
    }

    private static func byteBound(_ fixture: any EngineFixture) async throws {
        let engine = await fixture.engine
        let key = ItemKey("USER#u1", "MODEL")
        let bytes = [UInt8](repeating: 7, count: StoreLimits.bytesPerTransactionMax)
        try await engine.put(key, bytes: bytes)
        #expect(try await engine.get(key, now: 0)?.payload == bytes)
        await expectError(.tooLarge) { () throws(StoreError) in _ = try await engine.put(key, bytes: bytes + [7]) }
        let keys = (0..<3).map { ItemKey("USER#u1", "PART#\($0)") }
        let parts = Transaction<Void>(keys) { draft in
            for key in keys { draft.put(key, entityType: "Part", payload: [UInt8](repeating: 1, count: 1_500_000)) }
            return .commit(())
        }
        await expectError(.tooLarge) { () throws(StoreError) in try await engine.write(parts, now: 0) }
        #expect(try await engine.sorts(PartitionKey("USER#u1")) == ["MODEL"])
    }

    private static func nameBounds(_ fixture: any EngineFixture) async throws {
        let engine = await fixture.engine
        let address = TestVault.address(of: PartitionKey("USER#u1"))
        let fixed = try PhysicalKey(address, sort: []).bytes.count
        let longest = ItemKey(PartitionKey("USER#u1"), sort: [UInt8](repeating: 65, count: StoreLimits.keyBytesMax - fixed))
        try await engine.put(longest, "x", type: String(repeating: "T", count: 255), expiresAt: 1000)
        #expect(try await engine.get(longest, now: 0)?.entityType.count == 255)
        #expect(try await engine.sweepExpired(now: 1000) == 1)
        let longer = ItemKey(longest.partition, sort: longest.sort + [65])
        await expectError(.tooLarge) { () throws(StoreError) in _ = try await engine.get(longer, now: 0) }
        await expectError(.tooLarge) { () throws(StoreError) in _ = try await engine.put(longer, "x") }
    }
}

/// Expects that `body` ends in a store error of that kind.
func expectError(
    _ code: StoreError.Code, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws(StoreError) -> Void
) async {
    do throws(StoreError) {
        try await body()
        Issue.record("ended well", sourceLocation: sourceLocation)
    } catch {
        #expect(error.code == code, sourceLocation: sourceLocation)
    }
}
