import Engine
import Testing

/// Every condition of the vocabulary: where it holds, where it does not, and what it tells.
@Suite("RuleCondition")
struct PlaybookRulesTests {
    private let now = PersonalizationFixture.now

    /// The reason of a rule with these conditions; nil where it does not hold.
    private func reason(
        _ template: String = "held", action: String? = "e", for profile: PersonalizationProfile, context: SuggestionContext? = nil,
        _ conditions: (inout RuleCondition) -> Void
    ) throws -> String? {
        var when = RuleCondition()
        conditions(&when)
        let rule = PlaybookRule(id: "rule", when: when, action: action, priority: .high, title: "Rule", reason: template)
        let playbook = try PersonalizationFixture.compiled(rules: [rule])
        if let context {
            let found = DashboardRules.suggestions(for: profile, context: context, playbook: playbook, now: now)
            return found.first { $0.title == "Rule" }?.description
        }
        return DashboardRules.dashboard(for: profile, playbook: playbook, now: now).priorityActions.first { $0.title == "Rule" }?.reason
    }

    private func used(_ features: String, daysAgo: Double = 0) -> PersonalizationProfile {
        var profile = PersonalizationProfile()
        PersonalizationFixture.use(features, endingAt: PersonalizationFixture.daysAgo(daysAgo), in: &profile)
        return profile
    }

    @Test func onboarding() throws {
        let unseen = PersonalizationProfile()
        var settled = used("abc")
        settled.setGoals(shortTerm: ["sell"], longTerm: [], at: now)
        settled.setMarketFocus(["condos"], at: now)
        #expect(try reason(for: unseen) { $0.hasGoals = false } != nil)
        #expect(try reason(for: settled) { $0.hasGoals = false } == nil)
        #expect(try reason(for: settled) { $0.hasGoals = true } != nil)
        #expect(try reason(for: unseen) { $0.hasMarketFocus = false } != nil)
        #expect(try reason(for: settled) { $0.hasMarketFocus = false } == nil)
        #expect(try reason("{count}", for: settled) { $0.featuresUsedAtMost = 3 } == "3")
        #expect(try reason(for: settled) { $0.featuresUsedAtMost = 2 } == nil)
        #expect(try reason("{count}", for: settled) { $0.featuresUsedAtLeast = 3 } == "3")
        #expect(try reason(for: settled) { $0.featuresUsedAtLeast = 4 } == nil)
        #expect(try reason(for: unseen) { ($0.hasGoals, $0.hasMarketFocus) = (false, true) } == nil)
    }

    @Test func features() throws {
        let profile = used("aba", daysAgo: 10)
        #expect(try reason(for: profile) { $0.neverUsed = "c" } != nil)
        #expect(try reason(for: profile) { $0.neverUsed = "a" } == nil)
        #expect(try reason("{feature} {count}", for: profile) { $0.usedAtLeast = .init(feature: "a", count: 2) } == "A 2")
        #expect(try reason(for: profile) { $0.usedAtLeast = .init(feature: "a", count: 3) } == nil)
        #expect(try reason("{feature} {days}", for: profile) { $0.unusedForDays = .init(feature: "a", days: 10) } == "A 10")
        #expect(try reason(for: profile) { $0.unusedForDays = .init(feature: "a", days: 11) } == nil)
        #expect(try reason(for: profile) { $0.unusedForDays = .init(feature: "c", days: 1) } == nil)
        #expect(try reason("{feature}", for: profile) { $0.usedWithinDays = .init(feature: "a", days: 10) } == "A")
        #expect(try reason(for: profile) { $0.usedWithinDays = .init(feature: "a", days: 9) } == nil)
        #expect(try reason("{days} days", for: profile) { $0.inactiveForDays = 10 } == "10 days")
        #expect(try reason(for: profile) { $0.inactiveForDays = 11 } == nil)
        #expect(try reason(for: PersonalizationProfile()) { $0.inactiveForDays = 1 } == nil)
    }

    @Test func oneIsSingular() {
        var profile = PersonalizationProfile()
        profile.recordFeature("marketing-plan", at: now, now: now)
        let reasons = DashboardRules.dashboard(for: profile, playbook: .standard, now: now).priorityActions.map(\.reason)
        #expect(reasons.contains("You've opened Marketing Plan 1 time but haven't turned it into content yet."))
    }

    @Test func goals() throws {
        var profile = PersonalizationProfile()
        profile.setGoals(shortTerm: ["Win 5 LISTINGS"], longTerm: ["Be known"], at: PersonalizationFixture.daysAgo(20))
        _ = profile.setProgress(of: "Be known", to: 1, at: PersonalizationFixture.daysAgo(20))
        func goal(_ change: (inout RuleCondition.Goal) -> Void) throws -> String? {
            var goal = RuleCondition.Goal()
            change(&goal)
            return try reason("{goal} {progress} {days}", for: profile) { $0.unfinishedGoal = goal }
        }
        #expect(try goal { $0.keywords = ["lead", "listing"] } == "Win 5 LISTINGS 0% 20")
        #expect(try goal { $0.keywords = ["known"] } == nil)
        #expect(try goal { $0.keywords = ["isting"] } == nil)
        #expect(try goal { $0.stalledForDays = 20 } != nil)
        #expect(try goal { $0.stalledForDays = 21 } == nil)
        #expect(try goal { $0.horizon = .longTerm } == nil)
        #expect(try goal { $0.progressAtLeast = 0.1 } == nil)
        #expect(try reason(for: profile) { $0.allGoalsCompleted = true } == nil)
        _ = profile.setProgress(of: "Win 5 LISTINGS", to: 1, at: now)
        #expect(try reason(for: profile) { $0.allGoalsCompleted = true } != nil)
        #expect(try reason(for: PersonalizationProfile()) { $0.allGoalsCompleted = true } == nil)
    }

    @Test func focusMatchesWordsEitherWay() throws {
        var profile = PersonalizationProfile()
        profile.setMarketFocus(["farms", "Luxury-Homes"], at: now)
        #expect(try reason("{focus}", for: profile) { $0.marketFocus = ["luxury home"] } == "Luxury-Homes")
        #expect(try reason("{focus}", for: profile) { $0.marketFocus = ["coastal farms and land"] } == "farms")
        #expect(try reason(for: profile) { $0.marketFocus = ["condos", "arms"] } == nil)
    }

    @Test func content() throws {
        var profile = PersonalizationProfile()
        for success in [true, true, true] { profile.recordContent("film", success: success, at: PersonalizationFixture.daysAgo(40)) }
        for success in [false, false, false] { profile.recordContent("post", success: success, at: now) }
        var abandoned = RuleCondition.AbandonedContent()
        abandoned.unusedForDays = 40
        let template = "{contentType} {days} {count}"
        #expect(try reason(template, for: profile) { $0.abandonedContent = abandoned } == "FILM 40 0")
        abandoned.contentType = "post"
        #expect(try reason(for: profile) { $0.abandonedContent = abandoned } == nil)
        abandoned = RuleCondition.AbandonedContent()
        (abandoned.scoreBelow, abandoned.failuresAtLeast) = (0.21, 3)
        #expect(try reason(template, for: profile) { $0.abandonedContent = abandoned } == "POST 0 3")
        abandoned.scoreBelow = 0.2
        #expect(try reason(for: profile) { $0.abandonedContent = abandoned } == nil)
        let strong = RuleCondition.StrongContent(scoreAtLeast: 0.8, successesAtLeast: 3)
        #expect(try reason("{contentType} {count}", for: profile) { $0.strongContent = strong } == "FILM 3")
        #expect(try reason(for: profile) { $0.strongContent = .init(scoreAtLeast: 0.8, successesAtLeast: 4) } == nil)
    }

    @Test func hours() throws {
        // It is 16:00 in UTC, 17:00 in Paris, 21:30 in Kolkata.
        var profile = used("aab")
        #expect(try reason(for: profile) { $0.localHour = .init(from: 16, to: 16) } != nil)
        #expect(try reason(for: profile) { $0.localHour = .init(from: 17, to: 15) } == nil)
        profile.setTimeZone("Europe/Paris", at: now)
        #expect(try reason(for: profile) { $0.localHour = .init(from: 17, to: 3) } != nil)
        #expect(try reason(for: profile) { $0.localHour = .init(from: 22, to: 16) } == nil)
    }

    @Test func usualHourIsOneOfTheFeaturesOwnOnSeveralDays() throws {
        // It is 17:00 in Paris. A is used there at this hour on three days, B at 9 on four; E has one long sitting now.
        var profile = PersonalizationProfile()
        profile.setTimeZone("Europe/Paris", at: now)
        func use(_ feature: String, daysAgo day: Double, hoursAgo hours: Int64 = 0) {
            let at = PersonalizationFixture.daysAgo(day).adding(seconds: -hours * 3600)
            profile.recordFeature(feature, at: at, now: at)
        }
        for day in [9.0, 8, 7, 6] { for _ in 0..<5 { use("b", daysAgo: day, hoursAgo: 8) } }
        for day in [5.0, 4, 3] { use("a", daysAgo: day) }
        let wanted = RuleCondition.UsualHour(usesAtLeast: 3, shareAtLeast: 0.25)
        let template = "{hour} {count} {days} {action}"
        #expect(try reason(template, action: nil, for: profile) { $0.usualHour = wanted } == "5 p.m. 3 3 A")
        for _ in 0..<20 { use("e", daysAgo: 0) }
        #expect(try reason(template, action: nil, for: profile) { $0.usualHour = wanted } == "5 p.m. 3 3 A", "one sitting is no habit")
        #expect(try reason(template, for: profile) { $0.usualHour = wanted } == nil)
        #expect(try reason(template, action: "b", for: profile) { $0.usualHour = wanted } == nil, "B's hour is another one")
        #expect(try reason(action: "a", for: profile) { $0.usualHour = .init(usesAtLeast: 4, shareAtLeast: 0) } == nil)
        for day in [2.0, 1, 0] { for _ in 0..<4 { use("a", daysAgo: day, hoursAgo: 3) } }
        #expect(try reason(action: "a", for: profile) { $0.usualHour = wanted } == nil, "3 of 15 uses are at this hour")
        var morning = SuggestionContext()
        morning.timeOfDay = "Morning"
        let told = try reason("{hour} {count}.", action: "b", for: profile, context: morning) { $0.usualHour = wanted }
        #expect(told == "9 a.m. 20. Does b.")
        // Two days are not enough; a profile from before hours were kept for each feature has none.
        profile.features = profile.features.filter { $0.feature == "c" }
        for day in [-1.0, -2] { for _ in 0..<9 { use("c", daysAgo: day) } }
        #expect(try reason(action: "c", for: profile) { $0.usualHour = wanted } == nil)
        var earlier = PersonalizationProfile()
        earlier.usesByHour[16] = 50
        earlier.features = [FeatureUsage(feature: "a", count: 50, firstUsedAt: PersonalizationFixture.daysAgo(90), lastUsedAt: now)]
        #expect(try reason(action: nil, for: earlier) { $0.usualHour = wanted } == nil)
    }

    @Test func nextStepNeedsACommonWalk() throws {
        var profile = used("ab", daysAgo: 1)
        profile.workflow.recent = ["a"]
        let wanted = RuleCondition.NextStep(confidenceAtLeast: 0.4)
        #expect(try reason(action: nil, for: profile) { $0.nextStep = wanted } == nil)
        PersonalizationFixture.use("ab", endingAt: now, in: &profile)
        profile.workflow.recent = ["a"]
        #expect(try reason("{feature} {action}", action: nil, for: profile) { $0.nextStep = wanted } == "A B")
        #expect(try reason(action: "b", for: profile) { $0.nextStep = wanted } != nil)
        #expect(try reason(action: "c", for: profile) { $0.nextStep = wanted } == nil)
        #expect(try reason(action: nil, for: profile) { $0.nextStep = .init(confidenceAtLeast: 0.7) } == nil)
    }

    @Test func shortcutIsPastAStopThatLeadsOn() throws {
        var profile = PersonalizationProfile()
        for day in [3.0, 2, 1] { PersonalizationFixture.use("abc", endingAt: PersonalizationFixture.daysAgo(day), in: &profile) }
        let template = "{from} {feature} {action} {count}"
        #expect(try reason(template, action: nil, for: profile) { $0.shortcut = .init(walkedAtLeast: 3) } == "A B C 3")
        #expect(try reason(template, action: nil, for: profile) { $0.shortcut = .init(walkedAtLeast: 4) } == nil)
        #expect(try reason(action: "d", for: profile) { $0.shortcut = .init(walkedAtLeast: 3) } == nil)
        for day in 10..<13 { PersonalizationFixture.use("abd", endingAt: now.adding(seconds: Int64(day) * 86_400), in: &profile) }
        #expect(try reason(action: "c", for: profile) { $0.shortcut = .init(walkedAtLeast: 3) } != nil)
        PersonalizationFixture.use("abd", endingAt: now.adding(seconds: 20 * 86_400), in: &profile)
        #expect(try reason(action: "c", for: profile) { $0.shortcut = .init(walkedAtLeast: 3) } == nil)
    }

    @Test func thereAndBackIsNoShortcut() throws {
        var profile = PersonalizationProfile()
        for day in [3.0, 2, 1] { PersonalizationFixture.use("aba", endingAt: PersonalizationFixture.daysAgo(day), in: &profile) }
        #expect(try reason(action: nil, for: profile) { $0.shortcut = .init(walkedAtLeast: 2) } == nil)
    }

    @Test func profileCompletionIsKnownToSuggestionsOnly() throws {
        var context = SuggestionContext()
        context.profileCompletion = 55.9
        let profile = PersonalizationProfile()
        #expect(try reason("{count} %.", for: profile, context: context) { $0.profileCompletionBelow = 56 } == "55 %. Does e.")
        #expect(try reason(for: profile, context: context) { $0.profileCompletionBelow = 55.9 } == nil)
        #expect(try reason(for: profile) { $0.profileCompletionBelow = 100 } == nil)
    }

    @Test func longGoalsAreQuotedInPart() throws {
        var profile = PersonalizationProfile()
        profile.setGoals(shortTerm: [String(repeating: "é", count: 500)], longTerm: [], at: now)
        let found = try reason("{goal}", for: profile) { $0.unfinishedGoal = .init() }
        #expect(found == String(repeating: "é", count: 79) + "…")
    }
}
