import Engine
import Testing

@Suite struct BehavioralScoreTests {
    @Test("a score is cut to one decimal, so that it never reaches a level by rounding")
    func levels() {
        // 39.96 and 69.97, by what was done in one moment alone.
        for doublings in 0..<400 {
            var day = DayBucket(day: PersonalizationFixture.now.utcDay)
            for _ in 0..<doublings {
                day.count(
                    CountedEvent(at: PersonalizationFixture.now, local: LocalTime(PersonalizationFixture.now, in: "UTC"), type: .pageView))
            }
            let features = BehaviorFeatures([day], now: PersonalizationFixture.now)
            let exact = 100 * (0.7 * features.engagementScore + 0.3 * features.recencyScore)
            let shown = BehavioralScore.automatic(features)
            #expect(shown <= exact + 1e-9 && exact - shown < 0.1 + 1e-9)
            #expect(EngagementLevel(score: shown) == EngagementLevel(score: exact))
        }
    }
}
