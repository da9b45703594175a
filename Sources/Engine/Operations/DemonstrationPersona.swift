/// A way of working with the features of the built-in playbook: a Markov chain over them, with hours, content, goals and areas.
struct DemonstrationPersona: Sendable {
    /// How many of a hundred users work so.
    let share: Int
    /// Visits on a working day, 0 to 1.
    let visitRate: Double
    /// The local hour around which most visits begin.
    let peakHour: Int
    let start: [String]
    /// What follows a feature; where nothing is said the visit ends.
    let next: [String: [String]]
    /// Types of content with the share of them that does well.
    let content: [(type: String, success: Double)]
    let shortTermGoals: [String]
    let longTermGoals: [String]
    let areas: [String]

    static let all = [
        DemonstrationPersona(
            share: 28, visitRate: 0.34, peakHour: 9, start: ["lead-follow-up", "lead-follow-up", "performance-report"],
            next: [
                "lead-follow-up": ["email-campaigns", "email-campaigns", "market-analysis", "client-reviews"],
                "email-campaigns": ["performance-report", "lead-follow-up"],
                "market-analysis": ["listing-studio", "lead-follow-up"],
                "performance-report": ["lead-follow-up", "goal-planner"],
                "listing-studio": ["open-house-kit"],
            ],
            content: [("email-campaign", 0.72), ("client-story", 0.6), ("market-report", 0.5)],
            shortTermGoals: ["Answer every lead within an hour", "Book five viewings a week", "Win two listings this month"],
            longTermGoals: ["Close 24 homes this year", "Half of new business from referrals"],
            areas: ["first-time buyers", "downtown condos", "relocation"]),
        DemonstrationPersona(
            share: 24, visitRate: 0.3, peakHour: 14, start: ["content-engine", "social-scheduler", "marketing-plan"],
            next: [
                "content-engine": ["social-scheduler", "social-scheduler", "email-campaigns"],
                "social-scheduler": ["performance-report", "content-engine"],
                "marketing-plan": ["brand-audit", "content-engine", "content-engine"],
                "brand-audit": ["agent-profile", "content-engine"],
                "performance-report": ["marketing-plan"],
            ],
            content: [("social-post", 0.8), ("video-script", 0.55), ("blog-post", 0.45)],
            shortTermGoals: ["Post three times a week", "Film one walk-through every Friday", "Reach 2,000 followers"],
            longTermGoals: ["Be the name people know in town", "A thousand newsletter readers"],
            areas: ["luxury homes", "downtown condos", "new construction"]),
        DemonstrationPersona(
            share: 20, visitRate: 0.26, peakHour: 11, start: ["listing-studio", "market-analysis"],
            next: [
                "market-analysis": ["listing-studio", "listing-studio", "neighborhood-guides"],
                "listing-studio": ["open-house-kit", "open-house-kit", "social-scheduler"],
                "open-house-kit": ["email-campaigns", "client-reviews"],
                "neighborhood-guides": ["social-scheduler"],
            ],
            content: [("listing-description", 0.78), ("open-house-invitation", 0.66), ("neighborhood-guide", 0.58)],
            shortTermGoals: ["Photograph every listing within two days", "Two open houses a month", "Sell within 30 days"],
            longTermGoals: ["List the most homes on the east side", "Average above the asking price"],
            areas: ["family homes", "luxury homes", "waterfront"]),
        DemonstrationPersona(
            share: 16, visitRate: 0.4, peakHour: 19, start: ["agent-profile", "goal-planner", "brand-audit"],
            next: [
                "agent-profile": ["goal-planner", "brand-audit"],
                "goal-planner": ["marketing-plan", "marketing-plan", "lead-follow-up"],
                "brand-audit": ["agent-profile", "marketing-plan"],
                "marketing-plan": ["content-engine"],
                "content-engine": ["social-scheduler"],
            ],
            content: [("social-post", 0.4), ("client-story", 0.5)],
            shortTermGoals: ["First listing by the end of the quarter", "Call ten old contacts a week", "Finish my profile"],
            longTermGoals: ["Twelve sales in my first year"],
            areas: ["first-time buyers", "rentals"]),
        DemonstrationPersona(
            share: 12, visitRate: 0.12, peakHour: 8, start: ["market-analysis", "performance-report"],
            next: [
                "market-analysis": ["performance-report", "neighborhood-guides"],
                "performance-report": ["market-analysis", "email-campaigns"],
                "email-campaigns": ["client-reviews"],
            ],
            content: [("market-report", 0.85), ("email-campaign", 0.5)],
            shortTermGoals: ["A market letter on the first of every month", "Ask every client for a review"],
            longTermGoals: ["Manage 40 investment homes", "Open a second office"],
            areas: ["investment properties", "commercial", "farms"]),
    ]

    /// Where the demonstration's users live.
    static let timeZones = [
        "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Toronto", "Europe/London",
        "Europe/Paris", "Europe/Berlin", "Australia/Sydney", "UTC",
    ]
}
