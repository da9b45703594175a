import Testing

@testable import Engine

@Suite("CompiledPlaybook+answers")
struct CompiledPlaybookTests {
    private func playbook(_ thresholds: [Double]) throws -> CompiledPlaybook {
        try PersonalizationFixture.compiled(
            rules: thresholds.enumerated().map { index, threshold in
                var when = RuleCondition()
                when.nextStep = .init(confidenceAtLeast: threshold)
                return PlaybookRule(id: "\(index)", when: when, priority: .low, reason: "r")
            })
    }

    @Test func confidencesHaveTwoDecimalsAndStayOnTheirSide() throws {
        let plain = try playbook([])
        #expect(plain.rounded(0.396) == 0.4 && plain.rounded(1) == 1 && plain.rounded(0) == 0 && plain.rounded(1.0 / 3) == 0.33)
        let asked = try playbook([0.4, 0.725])
        #expect(asked.rounded(0.396) == 0.39, "it was not enough for the rule")
        #expect(asked.rounded(0.4) == 0.4 && asked.rounded(0.404) == 0.4)
        #expect(asked.rounded(0.7249) == 0.72 && asked.rounded(0.725) == 0.73 && asked.rounded(0.7251) == 0.73)
    }

    @Test func everyEntryHasItsReasonAndLink() throws {
        let playbook = try PersonalizationFixture.compiled()
        var dashboard = DashboardRules.dashboard(for: PersonalizationProfile(), playbook: playbook, now: PersonalizationFixture.now)
        // As the AI provider writes them.
        for index in dashboard.nextBestActions.indices { dashboard.nextBestActions[index].reason = "" }
        for index in dashboard.marketInsights.indices { dashboard.marketInsights[index].reason = "" }
        var profile = PersonalizationProfile()
        profile.setMarketFocus(["condos", "farms"], at: PersonalizationFixture.now)
        playbook.finish(&dashboard, for: profile)
        #expect(dashboard.priorityActions.map(\.link) == dashboard.priorityActions.map { "/pages/\($0.action)" })
        #expect(dashboard.nextBestActions.allSatisfy { $0.link == "/pages/\($0.action)" && $0.reason.contains($0.action.uppercased()) })
        #expect(dashboard.marketInsights.map(\.reason) == ["A tip for your market: condos, farms."])
    }

    @Test func noReasonOfAnInsightIsSaidTwice() {
        var reasons = InsightReasons()
        let said = (0..<5).map { _ in reasons.reason(for: .opportunity, area: "condos") }
        #expect(Set(said).count == 5 && said[0] == "An opportunity for your market: condos.")
        #expect(reasons.reason(for: .trend, area: nil) == "A trend for every market.")
    }
}
