import Engine
import Testing

@Suite("PersonalizationProfile+settings")
struct SettingsTests {
    private let now = PersonalizationFixture.now

    @Test func goalsThatStayKeepTheirProgress() {
        var profile = PersonalizationProfile()
        profile.setGoals(shortTerm: ["sell", "call"], longTerm: ["grow"], at: now)
        #expect(profile.goalProgress.map(\.status) == [.notStarted, .notStarted, .notStarted])
        let later = now.adding(seconds: 10)
        let isKnown = profile.setProgress(of: "sell", to: 0.5, at: later)
        #expect(isKnown)
        profile.setGoals(shortTerm: ["new"], longTerm: ["grow", "sell"], at: now.adding(seconds: 20))
        #expect(profile.shortTermGoals == ["new"])
        #expect(profile.longTermGoals == ["grow", "sell"])
        #expect(profile.goalProgress.map(\.goal) == ["new", "grow", "sell"])
        #expect(profile.goalProgress[2] == GoalProgress(goal: "sell", horizon: .longTerm, progress: 0.5, updatedAt: later))
        let hasDropped = profile.setProgress(of: "call", to: 1, at: now)
        #expect(!hasDropped)
    }

    @Test func goalsAreDistinctByBytesAndBounded() {
        var profile = PersonalizationProfile()
        profile.setGoals(shortTerm: ["\u{E9}", "\u{E9}", "e\u{301}"], longTerm: (0..<60).map { "goal \($0)" }, at: now)
        #expect(profile.shortTermGoals.count == 2)
        #expect(profile.longTermGoals.count == Limits.goalsPerHorizonMax)
        let isKnown = profile.setProgress(of: "e\u{301}", to: 1, at: now)
        #expect(isKnown)
        #expect(profile.goalProgress[0].progress == 0)
        #expect(profile.goalProgress[1].status == .completed)
    }

    @Test func goalInBothHorizonsMovesInBoth() {
        var profile = PersonalizationProfile()
        profile.setGoals(shortTerm: ["sell"], longTerm: ["sell"], at: now)
        let isKnown = profile.setProgress(of: "sell", to: 0.25, at: now)
        #expect(isKnown)
        #expect(profile.goalProgress.map(\.progress) == [0.25, 0.25])
    }

    @Test func marketFocusIsDistinct() {
        var profile = PersonalizationProfile()
        profile.setMarketFocus(["luxury", "condos", "luxury"], at: now)
        #expect(profile.marketFocus == ["luxury", "condos"])
        #expect(profile.createdAt == now)
    }
}
