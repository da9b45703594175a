import Engine

/// What the template `profile` names.
struct ProfilePageModel: Sendable {
    struct Entry: Sendable {
        let title: String
        let text: String
        let why: String
        var priority = ""
        var confidence = ""
        var category = ""
    }

    struct Sequence: Sendable {
        let path: String
        let count: String
    }

    struct Goal: Sendable {
        let goal: String
        let percent: Int
        let percentText: String
        let horizon: String
        let text: String
    }

    struct Content: Sendable {
        let name: String
        let successes: String
        let failures: String
        let score: String
    }

    struct Moment: Sendable {
        let kind: String
        let iso: String
        let when: String
        let text: String
    }

    private static let sequencesShown = 6
    private static let featuresShown = 12

    let id: String
    let timeZone: String
    let seen: PageMoment?
    let changed: PageMoment?
    let uses: String
    let featureCount: String
    let goalCount: String
    let goalNote: String
    let contentCount: String
    let areas: String
    let source: String
    let actions: [Entry]
    let nextActions: [Entry]
    let suggested: [Entry]
    let insights: [Entry]
    let hours: HourChart?
    let features: BarChart?
    let hasSequences: Bool
    let sequences: [Sequence]
    let hasGoals: Bool
    let goals: [Goal]
    let goalsURL: String
    let hasContent: Bool
    let content: [Content]
    let hasMoments: Bool
    let moments: [Moment]

    init(_ view: ProfileView, now: Timestamp, baseURL: String) {
        let profile = view.profile.value
        let titles = view.featureTitles
        id = view.user.text
        timeZone = profile.timeZone
        seen = profile.createdAt.map { PageMoment($0, now: now) }
        changed = profile.updatedAt.map { PageMoment($0, now: now) }
        uses = PageText.number(profile.features.reduce(0) { $0 + $1.count })
        featureCount = PageText.count(profile.features.count, "feature")
        goalCount = PageText.number(profile.goalProgress.count)
        goalNote = "\(profile.goalProgress.count { $0.status == .completed }) completed"
        contentCount = PageText.number(profile.content.reduce(0) { $0 + $1.successes + $1.failures })
        areas = profile.marketFocus.isEmpty ? "Not set" : profile.marketFocus.joined(separator: ", ")
        source = view.dashboard.source == .rules ? "rules" : "AI"
        actions = view.dashboard.priorityActions.map {
            Entry(title: $0.title, text: $0.description, why: $0.reason, priority: $0.priority.rawValue)
        }
        nextActions = view.dashboard.nextBestActions.map { Self.entry($0, titles, used: profile.features) }
        suggested = view.dashboard.suggestedContent.map { Entry(title: $0.title, text: "", why: $0.reason) }
        insights = zip(view.dashboard.marketInsights, view.insightAreas).map { insight, area in
            let why = area.map { "Matches the user’s market focus: \($0)." } ?? "Applies to every market. General insights rotate daily."
            return Entry(title: insight.title, text: insight.description, why: why, category: insight.category.rawValue)
        }
        hours = HourChart(profile.usesByHour, label: "Feature uses by hour of the day")
        features = Self.features(profile, titles)
        sequences = profile.workflow.commonSequences(at: now).prefix(Self.sequencesShown).map {
            Sequence(path: Self.path($0.features, titles), count: PageText.number($0.occurrences))
        }
        hasSequences = !sequences.isEmpty
        goals = profile.goalProgress.map { Self.goal($0, now: now) }
        hasGoals = !goals.isEmpty
        goalsURL = "\(baseURL)/api/personalization/users/\(PercentEncoding.component(bytes: view.user.bytes))/goals"
        content = profile.content.map { Self.content($0, view.contentTitles) }
        hasContent = !content.isEmpty
        moments = view.timeline.map { Self.moment($0, titles.merging(view.contentTitles) { first, _ in first }, now: now) }
        hasMoments = !moments.isEmpty
    }
}

/// Wording.
extension ProfilePageModel {
    private static func path(_ features: [String], _ titles: [String: String]) -> String {
        features.map { titles[$0] ?? $0 }.joined(separator: " → ")
    }

    private static func entry(_ action: NextBestAction, _ titles: [String: String], used: [FeatureUsage]) -> Entry {
        let why =
            if !action.basedOn.isEmpty {
                "Users often do this after \(path(action.basedOn, titles)), the last thing this user did."
            } else if used.contains(where: { $0.feature.hasSameBytes(as: action.action) }) {
                "Used before, and nothing the user did recently points elsewhere."
            } else {
                "Not tried yet. Next in playbook order."
            }
        return Entry(
            title: action.title, text: action.description, why: why, confidence: PageText.confidence(action.confidence))
    }

    private static func features(_ profile: PersonalizationProfile, _ titles: [String: String]) -> BarChart? {
        let names = profile.frequentFeatures(limit: featuresShown)
        return BarChart(
            names.map { name in
                let count = profile.features.first { $0.feature.hasSameBytes(as: name) }?.count ?? 0
                return (name: titles[name] ?? name, count: count, link: "/profiles?feature=\(PercentEncoding.component(name))")
            }, label: "Features, most used first", name: "Feature", value: "Uses")
    }

    private static func goal(_ goal: GoalProgress, now: Timestamp) -> Goal {
        let status =
            switch goal.status {
            case .notStarted: "not started"
            case .inProgress: "in progress"
            case .completed: "completed"
            }
        return Goal(
            goal: goal.goal, percent: PageText.wholePercent(goal.progress), percentText: PageText.percent(goal.progress),
            horizon: goal.horizon == .shortTerm ? "short term" : "long term",
            text: "\(status), updated \(PageText.ago(goal.updatedAt, now: now))")
    }

    private static func content(_ preference: ContentPreference, _ titles: [String: String]) -> Content {
        Content(
            name: titles[preference.contentType] ?? preference.contentType, successes: PageText.number(preference.successes),
            failures: PageText.number(preference.failures), score: PageText.percent(preference.score))
    }

    private static func moment(_ moment: ProfileView.Moment, _ titles: [String: String], now: Timestamp) -> Moment {
        let subject = titles[moment.subject] ?? moment.subject
        let text =
            switch moment.kind {
            case .firstUse: "Used \(subject) for the first time"
            case .lastUse: "Used \(subject) (\(PageText.count(moment.number, "time")) so far)"
            case .goal: "Goal “\(moment.subject)” at \(moment.number)%"
            case .content: "Reported a result for \(subject) (\(PageText.number(moment.number)) so far)"
            case .created: "Profile created"
            }
        return Moment(
            kind: moment.kind.rawValue, iso: moment.at.rfc3339, when: PageText.date(moment.at, now: now), text: text)
    }
}
