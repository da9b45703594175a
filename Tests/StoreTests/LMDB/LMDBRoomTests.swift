import Store
import Testing

@Suite("LMDBEngine's room")
struct LMDBRoomTests {
    @Test func mapGrowsUnderReadersAndWriters() async throws {
        try await LMDBFixture.with(mapBytesInitial: 262_144) { fixture in
            let engine = await fixture.lmdb
            let payload = [UInt8](repeating: 9, count: 2000)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<16 {
                    group.addTask {
                        for number in 0..<150 { try await engine.put(ItemKey("USER#\(writer)", "EVENT#\(number)"), bytes: payload) }
                    }
                }
                for reader in 0..<4 {
                    group.addTask {
                        for number in 0..<1500 {
                            let found = try await engine.get(ItemKey("USER#\(number % 16)", "EVENT#\(number % 150)"), now: 0)
                            #expect(found == nil || found?.payload == payload)
                            if number % 50 == reader { _ = try await engine.sorts(PartitionKey("USER#\(reader)"), prefix: "EVENT#") }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try engine.usedBytes() > 4_000_000)
            for writer in 0..<16 { #expect(try await engine.sorts(PartitionKey("USER#\(writer)")).count == 150) }
        }
    }

    @Test func boundReachedEndsWritesAndNothingElse() async throws {
        let bytesMax = 2_097_152
        try await LMDBFixture.with(bytesMax: bytesMax) { fixture in
            let engine = await fixture.lmdb
            for round in 0..<3 {
                let stored = try await Self.fill(engine, round: round)
                #expect(try engine.usedBytes() <= bytesMax)
                #expect(try await engine.text(ItemKey("USER#0", "ROUND#\(round)#0")) == Self.text)
                // Deleting goes on where nothing can be put, and makes room.
                for key in stored { try await engine.delete(key) }
            }
            try await engine.put(ItemKey("USER#0", "LEAD"), Self.text)
            #expect(try await engine.text(ItemKey("USER#0", "LEAD")) == Self.text)
            #expect(try engine.usedBytes() <= bytesMax)
        }
    }

    private static let text = String(repeating: "x", count: 1500)

    private static func fill(_ engine: LMDBEngine, round: Int) async throws -> [ItemKey] {
        var stored: [ItemKey] = []
        while stored.count < 5000 {
            let key = ItemKey("USER#\(stored.count % 5)", "ROUND#\(round)#\(stored.count)")
            do throws(StoreError) {
                try await engine.put(key, text)
                stored.append(key)
            } catch {
                #expect(error.code == .cannotCommit)
                break
            }
        }
        #expect((200..<5000).contains(stored.count))
        return stored
    }

    /// A deletion goes through although it shares its batch with what finds no room.
    @Test func fullMapSparesTheOthersOfABatch() async throws {
        try await LMDBFixture.with(bytesMax: 2_097_152) { fixture in
            let engine = await fixture.lmdb
            let stored = try await Self.fill(engine, round: 0)
            let failures = await withTaskGroup(of: StoreError?.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        do throws(StoreError) {
                            if number % 4 == 0 {
                                try await engine.delete(stored[number])
                            } else {
                                try await engine.put(ItemKey("USER#big", "MODEL#\(number)"), bytes: [UInt8](repeating: 1, count: 600_000))
                            }
                            return nil
                        } catch {
                            return error
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }.compactMap { $0 }
            }
            #expect(failures.count == 30)
            #expect(failures.allSatisfy { $0.code == .cannotCommit })
            for number in stride(from: 0, to: 40, by: 4) { #expect(try await engine.get(stored[number], now: 0) == nil) }
        }
    }

    /// More than one commit's worth of changes that wait together are all answered.
    @Test func largeChangesShareCommitsWithinABound() async throws {
        try await LMDBFixture.with { fixture in
            let engine = await fixture.lmdb
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<12 {
                    group.addTask {
                        try await engine.put(ItemKey("USER#\(number)", "MODEL"), bytes: [UInt8](repeating: 1, count: 4_000_000))
                    }
                }
                try await group.waitForAll()
            }
            for number in 0..<12 { #expect(try await engine.get(ItemKey("USER#\(number)", "MODEL"), now: 0)?.payload.count == 4_000_000) }
        }
    }
}
