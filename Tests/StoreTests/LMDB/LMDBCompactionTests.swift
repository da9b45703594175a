import FoundationEssentials
import Store
import Testing

/// Compaction while others read and write.
@Suite("LMDBEngine compaction") struct LMDBCompactionTests {
    private static let user = ItemKey("USER#1", "LEAD")

    @Test func keepsWhatLivesAndGivesTheRoomBack() async throws {
        try await LMDBFixture.with { fixture in
            let engine = await fixture.lmdb
            for number in 0..<200 { try await engine.put(ItemKey("USER#\(number)", "LEAD"), String(repeating: "x", count: 8000)) }
            let version = try await engine.put(ItemKey("USER#0", "TEMPORARY"), "soon gone", expiresAt: 50)
            for number in 10..<200 { try await engine.delete(ItemKey("USER#\(number)", "LEAD")) }
            #expect(engine.freeShare > 0.5)
            let compacted = try await engine.compact()
            #expect(compacted.bytesAfter < compacted.bytesBefore / 4)
            #expect(engine.freeShare < 0.2)
            for number in 0..<10 { #expect(try await engine.text(ItemKey("USER#\(number)", "LEAD"))?.count == 8000) }
            #expect(try await engine.text(ItemKey("USER#10", "LEAD")) == nil)
            // What expires still does, and versions go on.
            #expect(try await engine.sweepExpired(now: 60) == 1)
            #expect(try await engine.put(Self.user, "later") > version)
            try await fixture.reopen()
            #expect(try await fixture.lmdb.text(Self.user) == "later")
        }
    }

    @Test func leavesBehindWhatIsNobodys() async throws {
        try await LMDBFixture.with { fixture in
            let engine = await fixture.lmdb
            for name in ["USER#kept", "USER#erased"] { try await engine.put(ItemKey(name, "LEAD"), name) }
            try await engine.put(ItemKey("USER#1", "LEAD", tenant: 2), "of a tenant that goes")
            fixture.vault.destroy(PartitionKey("USER#erased"))
            fixture.vault.destroy(TenantNumber(2))
            #expect(try await engine.compact().records == 2)
            #expect(try await engine.text(ItemKey("USER#kept", "LEAD")) == "USER#kept")
        }
    }

    @Test func missesNothingThatIsWrittenMeanwhile() async throws {
        try await LMDBFixture.with { fixture in
            let engine = await fixture.lmdb
            for number in 0..<500 { try await engine.put(ItemKey("USER#\(number)", "LEAD"), String(repeating: "x", count: 2000)) }
            let written = try await withThrowingTaskGroup(of: [String: String].self) { group in
                for writer in 0..<8 {
                    group.addTask { try await Self.write(engine, writer: writer) }
                }
                group.addTask {
                    for _ in 0..<6 { _ = try await engine.compact() }
                    return [:]
                }
                return try await group.reduce(into: [:]) { $0.merge($1) { $1 } }
            }
            var found = try await Self.everything(engine).filter { !$0.key.hasSuffix("LEAD") }
            let isSame = found == written
            #expect(isSame)
            _ = try await engine.compact()
            try await fixture.reopen()
            found = try await Self.everything(fixture.lmdb).filter { !$0.key.hasSuffix("LEAD") }
            let isStillSame = found == written
            #expect(isStillSame)
        }
    }

    /// Transactions of many items, so that more changes than are left for the end while the copy catches up.
    /// - Returns: what each item held last, by its key.
    private static func write(_ engine: LMDBEngine, writer: Int) async throws -> [String: String] {
        var last: [String: String] = [:]
        for round in 0..<60 {
            let keys = (0..<90).map { ItemKey("USER#\((writer + $0 * 8) % 500)", "SEEN#\(writer)-\(($0 + round * 7) % 120)") }
            let deletes = round % 5 == 4
            let transaction = Transaction<Void>(keys) { draft in
                for key in keys {
                    if deletes { draft.delete(key) } else { draft.put(key, entityType: "Text", payload: Array("\(round)".utf8)) }
                }
                return .commit(())
            }
            try await engine.write(transaction, now: 0)
            for key in keys { last[text(key.partition.name, key.sort)] = deletes ? nil : "\(round)" }
        }
        return last
    }

    @Test func oneAtATime() async throws {
        try await LMDBFixture.with { fixture in
            let engine = await fixture.lmdb
            for number in 0..<2000 {
                try await engine.put(ItemKey("USER#\(number % 50)", "E#\(number)"), String(repeating: "x", count: 900))
            }
            let outcomes = await withTaskGroup(of: StoreError.Code?.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        do throws(StoreError) {
                            _ = try await engine.compact()
                            return nil
                        } catch {
                            return error.code
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.contains(nil))
            #expect(outcomes.compactMap { $0 }.allSatisfy { $0 == .busy })
            #expect(try await Self.everything(engine).count == 2000)
        }
    }

    @Test func theOldFileIsOverwritten() async throws {
        try await LMDBFixture.with { fixture in
            let engine = await fixture.lmdb
            try await engine.put(Self.user, "text")
            // Under another name the file that is replaced stays to be looked at.
            let held = "\(fixture.folder)-held"
            try FileManager.default.linkItem(atPath: "\(fixture.folder)/data.mdb", toPath: held)
            let before = try Data(contentsOf: URL(filePath: held))
            _ = try await engine.compact()
            let after = try Data(contentsOf: URL(filePath: held))
            #expect(before.contains { $0 != 0 } && after.allSatisfy { $0 == 0 })
            let names = try FileManager.default.contentsOfDirectory(atPath: fixture.folder)
            #expect(Set(names) == ["compacted.at", "data.mdb", "lock.mdb", "reserve"])
        }
    }

    /// What a crash in the middle leaves is not taken for data, and is overwritten.
    @Test func leftoversOfACrashGo() async throws {
        try await LMDBFixture.with { fixture in
            try await fixture.lmdb.put(Self.user, "kept")
            let unfinished = "\(fixture.folder)/compacted"
            try FileManager.default.createDirectory(atPath: unfinished, withIntermediateDirectories: false)
            let paths = ["\(unfinished)/data.mdb", "\(fixture.folder)/replaced.mdb"]
            for (number, path) in paths.enumerated() {
                try Data("old".utf8).write(to: URL(filePath: path))
                try FileManager.default.linkItem(atPath: path, toPath: "\(fixture.folder)-held\(number)")
            }
            try await fixture.reopen()
            try await fixture.lmdb.eraseLeftovers()
            #expect(!FileManager.default.fileExists(atPath: unfinished))
            for (number, path) in paths.enumerated() {
                #expect(!FileManager.default.fileExists(atPath: path))
                #expect(try Data(contentsOf: URL(filePath: "\(fixture.folder)-held\(number)")) == Data(count: 3))
            }
            #expect(try await fixture.lmdb.text(Self.user) == "kept")
        }
    }

    /// Killed between giving the file in use a second name and replacing it: both names are the one file.
    @Test func theFileInUseIsNeverOverwritten() async throws {
        try await LMDBFixture.with { fixture in
            try await fixture.lmdb.put(Self.user, "kept")
            await fixture.close()
            try FileManager.default.linkItem(atPath: "\(fixture.folder)/data.mdb", toPath: "\(fixture.folder)/replaced.mdb")
            try await fixture.reopen()
            try await fixture.lmdb.eraseLeftovers()
            #expect(!FileManager.default.fileExists(atPath: "\(fixture.folder)/replaced.mdb"))
            try await fixture.reopen()
            #expect(try await fixture.lmdb.text(Self.user) == "kept")
            _ = try await fixture.lmdb.compact()
            #expect(try await fixture.lmdb.text(Self.user) == "kept")
        }
    }

    /// Every item of the store by its key, opened.
    private static func everything(_ engine: LMDBEngine) async throws -> [String: String] {
        var found: [String: String] = [:]
        var last: PartitionAddress?
        while true {
            let addresses = try engine.partitions(of: TenantNumber(1), after: last, limit: 100)
            guard let end = addresses.last else { return found }
            for address in addresses {
                let name = try #require(try engine.name(of: address))
                #expect(try engine.census(of: address)?.faults == 0)
                let partition = PartitionKey(tenant: TenantNumber(1), name: name)
                for item in try await engine.query(partition, prefix: [], after: nil, limit: 1000, now: 0) {
                    found[text(name, item.sort)] = String(decoding: item.item.payload, as: UTF8.self)
                }
            }
            last = end
        }
    }

    private static func text(_ partition: [UInt8], _ sort: [UInt8]) -> String {
        String(decoding: partition + [0x20] + sort, as: UTF8.self)
    }
}
