import Dispatch
import FoundationEssentials
import Store
import Testing

@Suite("LMDBEngine's life")
struct LMDBLifeTests {
    @Test func closingDrains() async throws {
        try await LMDBFixture.with { fixture in
            let engine = await fixture.lmdb
            let key = ItemKey("USER#1", "COUNT")
            let outcomes = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<300 {
                    group.addTask { (try? await engine.increment(key)) != nil }
                }
                group.addTask {
                    await fixture.close()
                    return false
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            await expectError(.busy) { () throws(StoreError) in _ = try await engine.get(key, now: 0) }
            await expectError(.busy) { () throws(StoreError) in _ = try await engine.increment(key) }
            await expectError(.busy) { () throws(StoreError) in _ = try await engine.sweepExpired(now: 0) }
            try await fixture.reopen()
            // What was answered is there, and what is there was answered.
            let stored = try await fixture.engine.text(key).flatMap { Int($0) } ?? 0
            #expect(outcomes.filter { $0 }.count == stored)
        }
    }

    /// A store that has forgotten versions, as one from a backup has, gives none again: each opening begins behind its time.
    @Test func versionsBeginBehindTheTimeOfTheOpening() async throws {
        try await LMDBFixture.with { fixture in
            let key = ItemKey("USER#1", "COUNT")
            let now: Int64 = 1_800_000_000_000
            try await fixture.reopen(now: now)
            let first = try await fixture.engine.put(key, "a")
            #expect(first > UInt64(now) << 10 && first < UInt64(now + 1) << 10)
            // A clock that was set back takes nothing away.
            for earlier in [now - 1000, 0, -1, .min] {
                let last = try await fixture.engine.put(key, "b")
                try await fixture.reopen(now: earlier)
                #expect(try await fixture.engine.put(key, "c") > last)
            }
            // Nor does one that is mad lead out of what a JSON number holds.
            try await fixture.reopen(now: .max)
            #expect(try await fixture.engine.put(key, "d") < 1 << 53)
        }
    }

    @Test func fullQueueIsBusy() async throws {
        try await LMDBFixture.with { fixture in
            let engine = await fixture.lmdb
            let key = ItemKey("USER#1", "COUNT")
            try await engine.increment(key)
            // Holds the writer until everybody has asked.
            let (held, isHeld) = AsyncStream.makeStream(of: Void.self)
            let gate = DispatchSemaphore(value: 0)
            let holding = Transaction<Void>([key]) { _ in
                isHeld.finish()
                gate.wait()
                return .discard(())
            }
            async let holder: Void = engine.write(holding, now: 0)
            for await _ in held {}
            let asked = StoreLimits.waitingRequestsMax + 100
            let busy = await withTaskGroup(of: StoreError.Code?.self) { group in
                for _ in 0..<asked {
                    group.addTask {
                        do throws(StoreError) {
                            try await engine.increment(key)
                            return nil
                        } catch {
                            return error.code
                        }
                    }
                }
                var busy = 0
                // The refused are answered while the writer stands; each of the others waits for it.
                for await code in group where code == .busy {
                    busy += 1
                    if busy == 100 { gate.signal() }
                }
                return busy
            }
            try await holder
            #expect(busy == 100)
            #expect(try await engine.text(key) == "\(1 + StoreLimits.waitingRequestsMax)")
        }
    }

    @Test func newerFormatIsRefused() async throws {
        try await LMDBFixture.with { fixture in
            try await fixture.engine.put(ItemKey("USER#1", "LEAD"), "x")
            await fixture.close()
            try Self.withEnvironment(fixture.folder) { environment throws(StoreError) in
                try Format.bringUpToDate(environment, to: 2, by: [1: { _, _ in }])
            }
            await #expect(throws: StoreError(.cannotOpen, "opening a store of a newer format")) { try await fixture.reopen() }
        }
    }

    /// A step that fails leaves the format as it was; one that goes through is not run again.
    @Test func migrationRunsOnceInOneTransaction() async throws {
        try await LMDBFixture.with { fixture in
            try await fixture.engine.put(ItemKey("USER#1", "LEAD"), "x")
            await fixture.close()
            let mark = Array("migrated".utf8)
            try Self.withEnvironment(fixture.folder) { environment throws(StoreError) in
                let before = environment.itemCount
                let failing: Format.Migration = { transaction, tables throws(StoreError) in
                    try transaction.put(mark, [1], in: tables.items)
                    throw StoreError(.engine, "failing as the test wants it")
                }
                #expect(throws: StoreError(.engine, "failing as the test wants it")) {
                    try Format.bringUpToDate(environment, to: 2, by: [1: failing])
                }
                #expect(try Format.load(environment) == 1)
                #expect(environment.itemCount == before)
                let working: Format.Migration = { transaction, tables throws(StoreError) in
                    #expect(try transaction.keys(startingWith: mark, in: tables.items, limit: 2).isEmpty)
                    try transaction.put(mark, [2], in: tables.items)
                }
                for _ in 0..<2 { try Format.bringUpToDate(environment, to: 3, by: [1: working, 2: { _, _ in }]) }
                #expect(try Format.load(environment) == 3)
                #expect(environment.itemCount == before + 1)
                #expect(throws: StoreError(.cannotOpen, "looking for a migration")) {
                    try Format.bringUpToDate(environment, to: 5, by: [4: working])
                }
            }
        }
    }

    private static func withEnvironment(_ folder: String, _ body: (Environment) throws(StoreError) -> Void) throws {
        let environment = try Environment(path: folder, mapBytes: 1_048_576)
        defer { environment.close() }
        try body(environment)
    }

    /// A flipped bit in a meta page's transaction number, page size or last page is found on opening.
    @Test(arguments: [40, 136, 144], [0, 1])
    func damagedMetaPageIsFound(offset: Int, page: Int) async throws {
        try await LMDBFixture.with { fixture in
            for number in 0..<10 { try await fixture.engine.put(ItemKey("USER#\(number)", "LEAD"), "x") }
            await fixture.close()
            let file = URL(filePath: "\(fixture.folder)/data.mdb")
            let original = try Data(contentsOf: file)
            var found = 0
            for bit in 0..<16 {
                var flipped = original
                flipped[page * 4096 + offset + bit / 8] ^= 1 << (bit % 8)
                try flipped.write(to: file)
                do {
                    try await fixture.reopen()
                } catch {
                    #expect((error as? StoreError)?.code == .damaged)
                    found += 1
                }
                await fixture.close()
            }
            // The last page may be too large without contradiction; a transaction's number or a page's size may not be off at all.
            #expect(found == 16 || (offset == 136 && found > 0))
            try original.write(to: file)
            try await fixture.reopen()
            #expect(try await fixture.engine.text(ItemKey("USER#9", "LEAD")) == "x")
        }
    }

    @Test func backUpIsWhole() async throws {
        try await LMDBFixture.with { fixture in
            let engine = await fixture.lmdb
            for number in 0..<100 { try await engine.put(ItemKey("USER#\(number)", "LEAD"), "x") }
            let copy = "\(fixture.folder)-copy"
            try await engine.backUp(toFolder: copy) {}
            try await engine.put(ItemKey("USER#0", "LEAD"), "later")
            let opened = try LMDBEngine(.init(folder: copy), vault: fixture.vault, now: 0)
            defer { opened.close() }
            for number in 0..<100 { #expect(try await opened.text(ItemKey("USER#\(number)", "LEAD")) == "x") }
        }
    }
}
