import FoundationEssentials
import Store
import Testing

/// LMDB has no checksums. Whatever single bit of the file is flipped: each read gives what was put, or an error.
@Suite("LMDBEngine with a flipped bit")
struct BitFlipTests {
    private static let partitions = (0..<12).map { PartitionKey("USER#\($0)") }
    private static let singletons = ["PERSONALIZATION", "LEAD", "CONSENT"]

    private static func expected() -> [ItemKey: [UInt8]] {
        var random = Random(seed: 11)
        var items: [ItemKey: [UInt8]] = [:]
        for (number, partition) in partitions.enumerated() {
            for sort in singletons.prefix(number % 4) {
                items[ItemKey(partition, sort: Array(sort.utf8))] = random.bytes(number == 5 ? 9000 : 150)
            }
            for event in 0..<(number * 2) {
                items[ItemKey(partition, sort: Array("EVENT#\(1000 + 2 * event)".utf8))] = random.bytes(60)
            }
        }
        return items
    }

    fileprivate struct Outcome {
        var refused = 0
        var right = 0
        var wrong: [String] = []
    }

    /// Every other flip hits the structure of a page: its header, its places, its first nodes.
    private static func place(in usedBytes: Int, _ random: inout Random) -> Int {
        let byte = Int.random(in: 0..<usedBytes, using: &random)
        return Bool.random(using: &random) ? byte : byte / 4096 * 4096 + byte % 96
    }

    /// In a process of its own: LMDB 0.9 trusts its pages, and some flips lead it to a null pointer or into an assertion. A process that
    /// ends gives no wrong data either; what may not be is an answer that is wrong.
    @Test(arguments: 1...24)
    func neverGivesWrongData(seed: UInt64) async {
        await withKnownIssue("LMDB ended the process", isIntermittent: true) {
            await #expect(processExitsWith: .success) { [seed] in
                try await Self.flip(12, seed: seed)
            }
        } matching: { issue in
            !issue.comments.contains { $0.rawValue.contains("wrong data") }
        }
    }

    private static func flip(_ count: Int, seed: UInt64) async throws {
        try await LMDBFixture.with { fixture in
            let items = expected()
            let original = try await store(items, in: fixture)
            var random = Random(seed: seed)
            for _ in 0..<count {
                let (byte, bit) = (place(in: original.count, &random), Int.random(in: 0..<8, using: &random))
                var flipped = original
                flipped[byte] ^= 1 << bit
                let outcome = try await read(flipped, beside: fixture, items)
                #expect(outcome.wrong.isEmpty, "wrong data: bit \(bit) of byte \(byte): \(outcome.wrong)")
            }
        }
    }

    /// The file as far as it is used.
    private static func store(_ items: [ItemKey: [UInt8]], in fixture: LMDBFixture) async throws -> Data {
        for (key, payload) in items.sorted(by: { "\($0.key)" < "\($1.key)" }) { try await fixture.engine.put(key, bytes: payload) }
        let usedBytes = try await fixture.lmdb.usedBytes()
        await fixture.close()
        return try Data(contentsOf: URL(filePath: "\(fixture.folder)/data.mdb")).prefix(usedBytes)
    }

    @Test func damagedRecordIsRefusedAndTheOthersAreServed() async throws {
        try await LMDBFixture.with { fixture in
            let items = Self.expected()
            let original = try await Self.store(items, in: fixture)
            let (key, payload) = try #require(items.first { $0.key.sort == Array("LEAD".utf8) })
            var flipped = original
            // Older copies of the record lie in free pages, so that all are changed.
            var from = flipped.startIndex
            while let found = flipped[from...].firstRange(of: payload.prefix(40)) {
                flipped[found.lowerBound] ^= 1
                from = found.upperBound
            }
            let outcome = try await Self.read(flipped, beside: fixture, items)
            #expect(outcome.wrong.isEmpty && outcome.refused == 1, "\(key)")
            #expect(outcome.right == Self.partitions.count * 74 - 1)
        }
    }

    private static func read(_ file: Data, beside fixture: LMDBFixture, _ items: [ItemKey: [UInt8]]) async throws -> Outcome {
        let folder = "\(fixture.folder)-flipped"
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try file.write(to: URL(filePath: "\(folder)/data.mdb"))
        var outcome = Outcome()
        let engine: LMDBEngine
        do {
            engine = try LMDBEngine(.init(folder: folder, mapBytesInitial: 1_048_576), vault: fixture.vault, now: 0)
        } catch {
            outcome.refused += 1
            return outcome
        }
        defer { engine.close() }
        for partition in partitions {
            for sort in singletons + (0..<70).map({ "EVENT#\(1000 + $0)" }) {
                let key = ItemKey(partition, sort: Array(sort.utf8))
                outcome.note("\(sort)", try? .some(await engine.get(key, now: 0)?.payload), items[key])
            }
            let events = items.filter { $0.key.partition == partition && $0.key.sort.starts(with: "EVENT#".utf8) }
            let sorted = events.sorted { $0.key.sort.lexicographicallyPrecedes($1.key.sort) }.flatMap(\.value)
            let found = try? await engine.query(partition, prefix: Array("EVENT#".utf8), after: nil, limit: 1000, now: 0)
            outcome.note("events", found.map { .some($0.flatMap(\.item.payload)) }, sorted)
        }
        return outcome
    }
}

extension BitFlipTests.Outcome {
    fileprivate mutating func note(_ name: String, _ found: [UInt8]??, _ expected: [UInt8]?) {
        switch found {
        case .none: refused += 1
        case .some(let payload) where payload == expected: right += 1
        case .some(let payload): wrong.append("\(name): \(payload == nil ? "absent" : "other data")")
        }
    }
}
