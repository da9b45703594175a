import Engine
import Testing

@Suite("DeliveryPlan") struct DeliveryPlanTests {
    private static let start = Timestamp(seconds: 1_800_000_000)

    private func step(_ attempts: Int, after seconds: Int64 = 0, chance: Double = 1) -> DeliveryPlan.Step {
        DeliveryPlan.step(
            after: .failed, attempts: attempts, createdAt: Self.start, now: Self.start.adding(seconds: seconds), chance: chance)
    }

    @Test(arguments: [(1, 1000), (2, 2000), (5, 16_000), (12, 2_048_000), (13, 3_600_000), (1000, 3_600_000)])
    func twiceAsLongUpToABound(attempts: Int, milliseconds: Int64) {
        #expect(step(attempts) == .retry(at: Timestamp(milliseconds: Self.start.milliseconds + milliseconds)))
        #expect(step(attempts, chance: 0) == .retry(at: Timestamp(milliseconds: Self.start.milliseconds + milliseconds / 2)))
    }

    @Test func itEnds() {
        #expect(step(80, after: Limits.deliverySecondsMax - 3600) != .giveUp)
        #expect(step(80, after: Limits.deliverySecondsMax - 3599) == .giveUp)
        for (outcome, expected) in [(DeliveryOutcome.delivered, DeliveryPlan.Step.done), (.forbidden, .giveUp)] {
            #expect(DeliveryPlan.step(after: outcome, attempts: 1, createdAt: Self.start, now: Self.start, chance: 0) == expected)
        }
    }

    @Test(arguments: [
        ("https://a.example/x?y=1", true, true), ("http://a.example/", false, true), ("ftp://a.example/", false, false),
        ("https://u@a.example/", false, false), ("https://u:p@a.example/", false, false), ("https://a.example/#x", false, false),
        ("https:///x", false, false), ("/x", false, false), ("", false, false), ("https://a.example:70000/", false, false),
        ("https://a.example/ü", false, false), ("javascript:alert(1)", false, false),
    ])
    func urls(text: String, isGood: Bool, isGoodPlain: Bool) {
        #expect(CallbackURL.isGood(text, allowsPlain: false) == isGood)
        #expect(CallbackURL.isGood(text, allowsPlain: true) == isGoodPlain)
    }
}
