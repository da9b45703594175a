import Store
import Testing

@Suite("LMDBEngine conforms")
struct LMDBConformanceTests {
    @Test(arguments: Conformance.checks)
    func holds(_ check: Conformance.Check) async throws {
        try await LMDBFixture.with { fixture in try await check.run(fixture) }
    }

    @Test(arguments: [1, 20_261_121, UInt64.random(in: 0...UInt64.max)])
    func agreesWithDictionary(seed: UInt64) async throws {
        try await LMDBFixture.with { fixture in
            var model = ConformanceModel(fixture: fixture, seed: seed)
            try await model.run(steps: 1500)
        }
    }
}
