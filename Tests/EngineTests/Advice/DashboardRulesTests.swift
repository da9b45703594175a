import Engine
import Testing

@Suite("DashboardRules")
struct DashboardRulesTests {
    private let now = PersonalizationFixture.now

    private func dashboard(_ profile: PersonalizationProfile) -> Dashboard {
        DashboardRules.dashboard(for: profile, playbook: .standard, now: now)
    }

    @Test func unseenUserIsWelcomed() {
        let found = dashboard(PersonalizationProfile())
        #expect(found.priorityActions.map(\.action) == ["goal-planner", "agent-profile", "marketing-plan"])
        #expect(found.priorityActions.map(\.priority) == [.high, .high, .medium])
        let unsaid = Playbook.standard.features.map(\.name).filter { !["goal-planner", "agent-profile", "marketing-plan"].contains($0) }
        #expect(found.suggestedContent.map(\.contentType) == Playbook.standard.contentTypes.prefix(5).map(\.name))
        #expect(found.marketInsights.count == Limits.marketInsightsMax)
        #expect(found.nextBestActions.map(\.action) == Array(unsaid.prefix(5)))
        #expect(found.source == .rules)
        #expect(found.generatedAt == now)
    }

    @Test func focusPicksTheInsightsInTurn() {
        var profile = PersonalizationProfile()
        profile.setMarketFocus(["Luxury Homes", "First time buyers"], at: now)
        let titles = dashboard(profile).marketInsights.map(\.title)
        func area(_ title: String) -> String? { Playbook.standard.insights.first { $0.title == title }?.marketFocus.first }
        #expect(titles.compactMap(area) == ["luxury homes", "first-time buyers", "luxury homes", "first-time buyers", "luxury homes"])
        profile.setMarketFocus(["vineyards"], at: now)
        #expect(dashboard(profile).marketInsights.map(\.title).compactMap(area).isEmpty)
    }

    @Test func generalInsightsBeginWithAnotherOneEveryDay() {
        let profile = PersonalizationProfile()
        let tomorrow = DashboardRules.dashboard(for: profile, playbook: .standard, now: now.adding(seconds: 86_400))
        #expect(dashboard(profile).marketInsights.dropFirst().map(\.title) == tomorrow.marketInsights.prefix(4).map(\.title))
    }

    @Test func contentGoesByItsScore() {
        var profile = PersonalizationProfile()
        for success in [true, true, false] { profile.recordContent("blog-post", success: success, at: now) }
        for success in [false, false] { profile.recordContent("social-post", success: success, at: now) }
        for _ in 0..<4 { profile.recordContent("podcast", success: true, at: PersonalizationFixture.daysAgo(31)) }
        profile.recordContent("flyer", success: false, at: now)
        let found = dashboard(profile).suggestedContent
        #expect(found.prefix(3).map(\.contentType) == ["podcast", "blog-post", "listing-description"])
        #expect(found[0].reason == "The format “podcast” has worked in 4 of 4 tries, and you haven't used it in 31 days.")
        #expect(found[1].reason == "The format “Blog post” has worked in 2 of 3 tries.")
        #expect(found[2].reason.hasPrefix("You haven't tried the format “Listing description” yet. "))
        #expect(!found.contains { $0.contentType == "social-post" || $0.contentType == "flyer" })
    }

    @Test func rulesGoByPriorityAndAnActionStandsOnce() throws {
        var goals = RuleCondition()
        goals.hasGoals = false
        let rules = [
            PlaybookRule(id: "1", when: goals, action: "e", priority: .low, reason: "first low"),
            PlaybookRule(id: "2", when: goals, action: "d", priority: .medium, reason: "medium"),
            PlaybookRule(id: "3", when: goals, action: "e", priority: .high, title: "Do e", reason: "high"),
            PlaybookRule(id: "4", when: goals, action: "d", priority: .medium, reason: "again"),
        ]
        let found = DashboardRules.dashboard(
            for: PersonalizationProfile(), playbook: try PersonalizationFixture.compiled(rules: rules), now: now)
        #expect(found.priorityActions.map(\.action) == ["e", "d", "a"])
        #expect(found.priorityActions.map(\.reason) == ["high", "medium", "You haven't tried A yet."])
        #expect(found.priorityActions.map(\.title) == ["Do e", "Open D", "Try A"])
    }

    @Test func suggestionsFollowTheMoment() {
        var profile = PersonalizationProfile()
        for day in [4.0, 3, 2] {
            for (step, name) in ["marketing-plan", "content-engine", "social-scheduler"].enumerated() {
                let at = PersonalizationFixture.daysAgo(day).adding(seconds: Int64(step * 60))
                profile.recordFeature(name, at: at, now: at)
            }
        }
        func first(_ change: (inout SuggestionContext) -> Void) -> Suggestion? {
            var context = SuggestionContext()
            change(&context)
            return DashboardRules.suggestions(for: profile, context: context, playbook: .standard, now: now).first
        }
        #expect(first { $0.recentActions = ["marketing-plan"] }?.action == "content-engine")
        #expect(first { $0.recentActions = ["marketing-plan", "content-engine", "content-engine"] }?.action == "social-scheduler")
        #expect(first { $0.currentPage = "content-engine" }?.action == "social-scheduler")
        #expect(first { $0.currentPage = "/content?draft=1" }?.action == "social-scheduler")
        let found = first { $0.currentPage = "https://example.com/app/marketing-plan#top" }
        #expect(found?.action == "content-engine")
        #expect(found?.priority == .high)
        #expect(found?.source == .rules)
        #expect(found?.description.hasPrefix("After Marketing Plan you usually go on to Content Engine. ") == true)
    }

    @Test func pageOfThePresentIsNotSuggested() throws {
        var context = SuggestionContext()
        context.currentPage = "/goals"
        let found = DashboardRules.suggestions(for: PersonalizationProfile(), context: context, playbook: .standard, now: now)
        #expect(!found.isEmpty)
        #expect(!found.contains { $0.action == "goal-planner" })
        var playbook = PersonalizationFixture.playbook()
        playbook.features.removeLast(4)
        context.currentPage = "a"
        let only = DashboardRules.suggestions(
            for: PersonalizationProfile(), context: context, playbook: try CompiledPlaybook(playbook), now: now)
        #expect(only.map(\.action) == ["a"])
    }

    @Test(arguments: 0..<150 as Range<UInt64>)
    func neverEmptyNothingTwiceWithinBounds(seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        let profile = PersonalizationProfile.random(using: &numbers)
        let found = dashboard(profile)
        check(found)
        #expect(found == dashboard(profile))
        var context = SuggestionContext()
        context.currentPage = ["/goals", "nowhere", "", "brand-audit"].randomElement(using: &numbers)
        context.recentActions = ["marketing-plan", "brand-audit", "other", "other"].shuffled(using: &numbers)
        context.timeOfDay = ["morning", "night", "25", "7", "", "soon"].randomElement(using: &numbers)
        context.profileCompletion = [nil, 0, 50, 100, -5, .nan].randomElement(using: &numbers) ?? nil
        let suggestions = DashboardRules.suggestions(for: profile, context: context, playbook: .standard, now: now)
        #expect((1...Limits.suggestionsMax).contains(suggestions.count))
        #expect(Set(suggestions.map(\.action)).count == suggestions.count)
        #expect(suggestions.map(\.priority) == suggestions.map(\.priority).sorted())
        #expect(suggestions.allSatisfy { !$0.description.isEmpty && !$0.description.contains("{") })
    }

    /// All that a user reads, sentence by sentence.
    private func sentences(_ found: Dashboard) -> [String] {
        var texts = found.priorityActions.flatMap { [$0.title, $0.description, $0.reason] }
        texts += found.suggestedContent.flatMap { [$0.title, $0.reason] }
        texts += found.marketInsights.flatMap { [$0.title, $0.description, $0.reason] }
        texts += found.nextBestActions.flatMap { [$0.title, $0.description, $0.reason] }
        return texts.flatMap { text in
            text.replacing(". ", with: ".\n").replacing("? ", with: "?\n").split(separator: "\n").map(String.init)
        }
    }

    @Test func fewFeaturesComeTwiceInOtherWords() throws {
        var playbook = PersonalizationFixture.playbook()
        playbook.features.removeLast(3)
        let found = DashboardRules.dashboard(for: PersonalizationProfile(), playbook: try CompiledPlaybook(playbook), now: now)
        #expect(found.priorityActions.map(\.action) == ["a", "b"] && found.nextBestActions.map(\.action) == ["a", "b"])
        #expect(found.nextBestActions[0].description == "A is also one of your priorities.")
        #expect(Set(sentences(found)).count == sentences(found).count - 2, "only the two titles stand in both lists")
    }

    private func check(_ found: Dashboard) {
        let features = Set(Playbook.standard.features.map(\.name))
        let actions = found.priorityActions.map(\.action)
        #expect((1...Limits.priorityActionsMax).contains(actions.count))
        #expect(Set(actions).count == actions.count && features.isSuperset(of: actions))
        #expect(found.priorityActions.map(\.priority) == found.priorityActions.map(\.priority).sorted())
        #expect(found.priorityActions.allSatisfy { !$0.reason.isEmpty && !$0.reason.contains("{") })
        let next = found.nextBestActions.map(\.action)
        #expect((1...Limits.nextBestActionsMax).contains(next.count))
        #expect(Set(next).count == next.count && features.isSuperset(of: next))
        let confidences = found.nextBestActions.map(\.confidence)
        #expect(confidences == confidences.sorted(by: >) && confidences.allSatisfy { $0 > 0 && $0 <= 1 })
        #expect(confidences.reduce(0, +) <= 1 + 1e-9)
        let contentTypes = found.suggestedContent.map(\.contentType)
        #expect((1...Limits.suggestedContentMax).contains(contentTypes.count))
        #expect(Set(contentTypes).count == contentTypes.count)
        #expect(found.suggestedContent.allSatisfy { !$0.reason.isEmpty })
        #expect(Set(actions).isDisjoint(with: next))
        let twice = sentences(found).reduce(into: [:]) { $0[$1, default: 0] += 1 }.filter { $0.value > 1 }
        #expect(twice.isEmpty, "\(twice.keys)")
        let bareNames = Set(Playbook.standard.features.map(\.title))
        #expect(bareNames.isDisjoint(with: found.priorityActions.map(\.title) + found.nextBestActions.map(\.title)))
        let insights = found.marketInsights.map(\.title)
        #expect((1...Limits.marketInsightsMax).contains(insights.count))
        #expect(Set(insights).count == insights.count)
    }
}
