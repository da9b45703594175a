import Testing

@testable import Engine

/// Goals as agents write them, and the tool of the built-in playbook that serves each.
@Suite("Goals")
struct GoalTests {
    private let now = PersonalizationFixture.now

    /// The first six are the description's own.
    static let goals: [(goal: String, action: String?)] = [
        ("Complete profile setup", "agent-profile"), ("Run first brand audit", "brand-audit"),
        ("Create 5 blog posts", "content-engine"), ("Become top agent in my market", "neighborhood-guides"),
        ("Build strong online presence", "brand-audit"), ("Generate 10 leads per month from content", "content-engine"),
        ("Get 10 five-star reviews", "client-reviews"), ("Hold two open houses a month", "open-house-kit"),
        ("Send a monthly newsletter", "email-campaigns"), ("Sell 12 homes this year", "listing-studio"),
        ("Win three new listings", "listing-studio"), ("Close 20 deals this year", "lead-follow-up"),
        ("Grow my Instagram to 1,000 followers", "social-scheduler"), ("Post on social media three times a week", "social-scheduler"),
        ("Respond to every inquiry within five minutes", "lead-follow-up"), ("Get 50 new leads a month", "lead-follow-up"),
        ("Become the neighborhood expert in Maplewood", "neighborhood-guides"), ("Write one blog post a week", "content-engine"),
        ("Make a marketing plan for spring", "marketing-plan"), ("Refresh my bio and headshot", "agent-profile"),
        ("Get better at pricing homes", "market-analysis"), ("Stay in touch with past clients", "email-campaigns"),
        ("Get more referrals", "email-campaigns"), ("Shoot a video tour every week", "content-engine"),
        ("Track where my appointments come from", "performance-report"), ("Rebrand my business", "brand-audit"),
        ("Find more buyers", "lead-follow-up"), ("Double my sales", "listing-studio"),
        ("Prepare comps for every listing appointment", "market-analysis"), ("Ask every client for a testimonial", "client-reviews"),
        ("Answer inquiries faster", "lead-follow-up"), ("Hosting an open house every weekend", "open-house-kit"),
        ("Lead by example at my brokerage", nil), ("Leading my team through a merger", nil), ("Stop posting on Facebook", nil),
        ("Postpone vacation", nil), ("Quit social media", nil), ("Spend more time with my family", nil), ("Read 12 books this year", nil),
        ("Run a marathon", nil), ("Make a list of good contractors", nil), ("Don't take new clients in July", nil),
        ("Reduce Instagram to an hour a day", nil),
    ]

    private func told(_ profile: PersonalizationProfile) -> [PriorityAction] {
        DashboardRules.dashboard(for: profile, playbook: .standard, now: now).priorityActions.filter { $0.reason.contains("Your goal “") }
    }

    @Test(arguments: goals)
    func leadsToTheToolThatServesIt(goal: String, action: String?) {
        var profile = PersonalizationProfile()
        profile.setGoals(shortTerm: [goal], longTerm: [], at: now)
        profile.setMarketFocus(["ranches"], at: now)
        let found = told(profile)
        #expect(found.map(\.action) == (action.map { [$0] } ?? []), "one goal, one tool")
        let next = DashboardRules.nextBestActions(for: profile, playbook: .standard, now: now)
        #expect(next.first?.action != "goal-planner")
        guard let action else { return }
        for day in [0.0, 2] {
            var busy = profile
            busy.recordFeature(action, at: PersonalizationFixture.daysAgo(day), now: now)
            #expect(!told(busy).contains { $0.action == action && $0.reason.contains("is at 0%") }, "used \(day) days ago")
        }
        profile.recordFeature(action, at: PersonalizationFixture.daysAgo(4), now: now)
        #expect(told(profile).map(\.action) == [action])
    }

    @Test func aGoalIsToldOnceAndTheNextOneToo() {
        var profile = PersonalizationProfile()
        profile.setGoals(shortTerm: ["Win three listings", "Get ten reviews"], longTerm: [], at: PersonalizationFixture.daysAgo(30))
        _ = profile.setProgress(of: "Get ten reviews", to: 0.9, at: PersonalizationFixture.daysAgo(30))
        profile.setMarketFocus(["ranches"], at: now)
        let reasons = told(profile).map(\.reason)
        #expect(reasons.filter { $0.contains("Win three listings") }.count == 1)
        #expect(reasons.filter { $0.contains("Get ten reviews") }.count == 1)
    }

    /// Words and stems of the article's own examples of step 1, with the final e dropped.
    @Test(arguments: [
        ("caresses", "caress"), ("ponies", "poni"), ("ties", "ti"), ("caress", "caress"), ("cats", "cat"), ("feed", "feed"),
        ("agreed", "agre"), ("plastered", "plaster"), ("bled", "bled"), ("motoring", "motor"), ("sing", "sing"), ("conflated", "conflat"),
        ("troubled", "troubl"), ("sized", "siz"), ("hopping", "hop"), ("tanned", "tan"), ("falling", "fall"), ("hissing", "hiss"),
        ("fizzed", "fizz"), ("failing", "fail"), ("filing", "fil"), ("happy", "happi"), ("sky", "sky"), ("café", "café"), ("12", "12"),
        ("as", "as"),
    ])
    func stems(word: String, stem: String) {
        #expect(String(decoding: Stem.of(Array(word.utf8)), as: UTF8.self) == stem)
    }

    @Test func formsMeetTheirWordAndNotTheOtherWayRound() {
        func meets(_ goal: String, _ keyword: String) -> Bool { GoalWords(goal).contains(GoalWords(keyword)) }
        for goal in ["Reviews!", "get reviewed", "Reviewing, weekly", "one REVIEW"] { #expect(meets(goal, "review")) }
        for goal in ["preview", "review-free".replacing("review", with: "reviewer"), ""] { #expect(!meets(goal, "review")) }
        #expect(meets("three open houses", "open house") && !meets("open the house", "open house"))
        #expect(meets("more leads", "leads") && !meets("lead", "leads") && !meets("leading", "leads"))
        #expect(meets("my listings", "listing") && !meets("a list", "listing") && !meets("lists", "listing"))
        #expect(meets("inquiries", "inquiry") && meets("better prices", "price") && meets("advertising", "advertise"))
        #expect(!meets("anything", "") && !meets("", "a"))
    }
}
