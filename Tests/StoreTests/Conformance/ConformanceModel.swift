import Store
import Testing

/// Compares an engine with a dictionary over random steps: transactions one by one and many at once, reads, queries, sweeping,
/// time passing, reopening.
struct ConformanceModel {
    private struct Expected {
        var item: Item
        /// Deleted from the engine, or still there and hidden: the same to readers.
        func isVisible(at now: Int64) -> Bool { item.expiresAt.map { $0 > now } ?? true }
    }

    private enum Change: Sendable {
        case put(payload: [UInt8], expiresAt: Int64?)
        case delete
    }

    private struct Plan: Sendable {
        let changes: [ItemKey: Change]
        let commits: Bool
    }

    private let fixture: any EngineFixture
    private let seed: UInt64
    private var random: Random
    private var expected: [ItemKey: Expected] = [:]
    private var now: Int64 = 1_000_000
    private var versionMax: UInt64 = 0
    private var step = 0

    init(fixture: any EngineFixture, seed: UInt64) {
        self.fixture = fixture
        self.seed = seed
        random = Random(seed: seed)
    }

    private var comment: Comment { "seed \(seed), step \(step)" }

    mutating func run(steps: Int) async throws {
        while step < steps {
            step += 1
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<35: try await write([plan(over: randomKeys(upTo: 6))])
            case 35..<45: try await write(disjointPlans())
            case 45..<70: try await checkGet(randomKey())
            case 70..<90: try await checkQuery()
            case 90..<97: now += Int64.random(in: 1...2000, using: &random)
            case 97..<99: _ = try await fixture.engine.sweepExpired(now: now)
            default: try await fixture.reopen()
            }
        }
        for key in expected.keys { try await checkGet(key) }
    }

    private mutating func randomPartition() -> PartitionKey {
        let names = ["USER#u1", "USER#u10", "USER#", "CATALOG", ""]
        return PartitionKey(names.randomElement(using: &random) ?? "", tenant: UInt32.random(in: 0...2, using: &random) * 255)
    }

    private mutating func randomKey() -> ItemKey {
        let collections = ["LEAD", "EVENT#", "EVENT#1", "EVENT", "MILESTONE#", "A\0#"]
        let collection = collections.randomElement(using: &random) ?? ""
        let number = collection.contains("#") ? "\(Int.random(in: 0...12, using: &random))" : ""
        return ItemKey(randomPartition(), sort: Array((collection + number).utf8))
    }

    private mutating func randomKeys(upTo count: Int) -> Set<ItemKey> {
        Set((0..<Int.random(in: 1...count, using: &random)).map { _ in randomKey() })
    }

    private mutating func plan(over keys: Set<ItemKey>) -> Plan {
        var changes: [ItemKey: Change] = [:]
        for key in keys.sorted(by: { "\($0)" < "\($1)" }) {
            let expiresAt = Bool.random(using: &random) ? nil : now + Int64.random(in: -500...5000, using: &random)
            let payload = random.bytes(Int.random(in: 0...300, using: &random))
            changes[key] = Int.random(in: 0..<3, using: &random) == 0 ? .delete : .put(payload: payload, expiresAt: expiresAt)
        }
        return Plan(changes: changes, commits: Int.random(in: 0..<6, using: &random) != 0)
    }

    /// Plans that touch no item in common, so that their order does not matter.
    private mutating func disjointPlans() -> [Plan] {
        var left = randomKeys(upTo: 40)
        var plans: [Plan] = []
        while !left.isEmpty {
            let some = Set(left.sorted { "\($0)" < "\($1)" }.prefix(3))
            left.subtract(some)
            plans.append(plan(over: some))
        }
        return plans
    }

    private mutating func write(_ plans: [Plan]) async throws {
        let engine = await fixture.engine
        let (before, now) = (expected.filter { $0.value.isVisible(at: self.now) }.mapValues(\.item), self.now)
        let versions = try await withThrowingTaskGroup(of: (Int, UInt64, Bool).self) { group in
            for (number, plan) in plans.enumerated() {
                let transaction = Self.transaction(plan, before: before)
                group.addTask {
                    let (version, agrees) = try await engine.write(transaction, now: now)
                    return (number, version, agrees)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for (number, version, agrees) in versions {
            #expect(agrees, comment)
            guard plans[number].commits else { continue }
            #expect(version > versionMax, comment)
            for (key, change) in plans[number].changes { apply(change, at: key, version: version) }
        }
        versionMax = max(versionMax, versions.filter { plans[$0.0].commits }.map(\.1).max() ?? 0)
    }

    private static func transaction(_ plan: Plan, before: [ItemKey: Item]) -> Transaction<(UInt64, Bool)> {
        Transaction(Array(plan.changes.keys)) { draft in
            var agrees = true
            for (key, change) in plan.changes {
                agrees = agrees && draft[key] == before[key]
                switch change {
                case .put(let payload, let expiresAt): draft.put(key, entityType: "Model", payload: payload, expiresAt: expiresAt)
                case .delete: draft.delete(key)
                }
            }
            return plan.commits ? .commit((draft.version, agrees)) : .discard((draft.version, agrees))
        }
    }

    private mutating func apply(_ change: Change, at key: ItemKey, version: UInt64) {
        switch change {
        case .put(let payload, let expiresAt):
            expected[key] = Expected(item: Item(entityType: "Model", version: version, expiresAt: expiresAt, payload: payload))
        case .delete: expected[key] = nil
        }
    }

    private func checkGet(_ key: ItemKey) async throws {
        let found = try await fixture.engine.get(key, now: now)
        #expect(found == expected[key].flatMap { $0.isVisible(at: now) ? $0.item : nil }, comment)
    }

    private mutating func checkQuery() async throws {
        let partition = randomPartition()
        let prefix = Array((["", "E", "EVENT", "EVENT#", "EVENT#1", "LEAD", "A\0", "Z"].randomElement(using: &random) ?? "").utf8)
        let after = Bool.random(using: &random) ? nil : randomKey().sort
        let limit = Int.random(in: 1...20, using: &random)
        let found = try await fixture.engine.query(partition, prefix: prefix, after: after, limit: limit, now: now)
        let matching = expected.filter { key, value in
            key.partition == partition && key.sort.starts(with: prefix) && value.isVisible(at: now)
                && (after.map { $0.lexicographicallyPrecedes(key.sort) } ?? true)
        }
        let ordered = matching.sorted { $0.key.sort.lexicographicallyPrecedes($1.key.sort) }.prefix(limit)
        #expect(found.map(\.sort) == ordered.map(\.key.sort), comment)
        #expect(found.map(\.item) == ordered.map(\.value.item), comment)
    }
}
