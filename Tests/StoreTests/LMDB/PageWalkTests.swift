import FoundationEssentials
import Store
import Testing

@Suite("Walk over an LMDB file's pages")
struct PageWalkTests {
    private static let pageBytes = 4096

    /// Items of all sizes, among them some on pages of their own; half of them deleted, so that there are free pages.
    private static func fill(_ engine: LMDBEngine) async throws {
        var random = Random(seed: 5)
        for number in 0..<400 {
            let key = ItemKey(PartitionKey("USER#\(number % 40)"), sort: Array("EVENT#\(1000 + number)".utf8))
            try await engine.put(key, bytes: random.bytes(number % 20 == 0 ? 20_000 : 300), expiresAt: number % 3 == 0 ? 1_000_000 : nil)
        }
        for number in stride(from: 0, to: 400, by: 2) {
            try await engine.delete(ItemKey(PartitionKey("USER#\(number % 40)"), sort: Array("EVENT#\(1000 + number)".utf8)))
        }
    }

    @Test func findsNothingInWhatLMDBHasWritten() async throws {
        try await LMDBFixture.with { fixture in
            try PageWalk.check(folder: fixture.folder)
            try await Self.fill(await fixture.lmdb)
            let copy = "\(fixture.folder)-copy"
            try await (await fixture.lmdb).backUp(toFolder: copy) {}
            try PageWalk.check(folder: copy)
            _ = try await (await fixture.lmdb).compact()
            try await Self.fill(await fixture.lmdb)
            await fixture.close()
            try PageWalk.check(folder: fixture.folder)
        }
    }

    @Test(arguments: [0, 1, 4096, 8192, 12_288, 40_960])
    func findsAFileThatWasCut(bytes: Int) async throws {
        try await LMDBFixture.with { fixture in
            try await Self.fill(await fixture.lmdb)
            let copy = "\(fixture.folder)-copy"
            try await (await fixture.lmdb).backUp(toFolder: copy) {}
            let file = URL(filePath: "\(copy)/data.mdb")
            try Data(contentsOf: file).prefix(bytes).write(to: file)
            #expect(throws: StoreError.self) { try PageWalk.check(folder: copy) }
        }
    }

    /// What the walk lets through LMDB reads to its end: a signal ends this test's process.
    @Test(arguments: 1...6)
    func whatItLetsThroughEndsNoProcess(seed: UInt64) async {
        await #expect(processExitsWith: .success) { [seed] in
            try await LMDBFixture.with { fixture in
                try await Self.fill(await fixture.lmdb)
                let copy = "\(fixture.folder)-copy"
                try await (await fixture.lmdb).backUp(toFolder: copy) {}
                let file = URL(filePath: "\(copy)/data.mdb")
                let whole = try Data(contentsOf: file)
                var random = Random(seed: seed)
                var found = 0
                for round in 0..<60 {
                    var damaged = whole
                    let page = Int.random(in: 2..<(whole.count / Self.pageBytes), using: &random)
                    let start = page * Self.pageBytes + Int.random(in: 0..<(round % 2 == 0 ? 40 : Self.pageBytes - 200), using: &random)
                    damaged.replaceSubrange(start..<(start + 1 + round * 3), with: random.bytes(1 + round * 3))
                    try damaged.write(to: file)
                    do throws(StoreError) {
                        try PageWalk.check(folder: copy)
                    } catch {
                        found += 1
                        continue
                    }
                    let configuration = LMDBEngine.Configuration(folder: copy)
                    guard let engine = try? LMDBEngine(configuration, vault: fixture.vault, now: 0) else { continue }
                    for number in 0..<40 {
                        _ = try? engine.census(of: fixture.vault.address(of: PartitionKey("USER#\(number)")))
                    }
                    engine.close()
                }
                #expect(found > 5)
            }
        }
    }
}
