import FoundationEssentials

/// The data of a prompt, as JSON. Members that are nil are left out.
struct PromptDocument: Encodable, Sendable {
    struct Feature: Encodable, Sendable {
        let name: String
        let title: String
        var uses: UInt64
        var daysSinceLastUse: Int?
    }

    struct Content: Encodable, Sendable {
        let name: String
        let title: String
        var successes: UInt64
        var failures: UInt64
        var score: Double
        var daysSinceLastMade: Int?
    }

    struct Goal: Encodable, Sendable {
        let text: String
        let horizon: String
        var progress: Double
    }

    /// What the user is doing; of suggestions alone.
    struct Moment: Encodable, Sendable {
        let onFeature: String?
        /// The page and the latest steps by their own names, where these say nothing of anybody.
        let page: String?
        let latestActions: [String]
        let recentFeatures: [String]
        let partOfDay: String?
        var profileCompletionPercent: Double?
    }

    struct Proposal: Encodable, Sendable {
        let action: String?
        let contentType: String?
        let title: String?
        let priority: String?
    }

    var features: [Feature]
    var contentTypes: [Content]
    private(set) var goals: [Goal]
    let marketFocus: [String]
    /// The user's most usual hours, local time, at most three.
    private(set) var usualHours: [Int]
    private(set) var recentFeatures: [String]
    private(set) var now: Moment?
    private(set) var startingPoint: [String: [Proposal]]?
    /// Of the digest alone.
    private let mostUsualHour: Int?

    private enum CodingKeys: String, CodingKey {
        case features, contentTypes, goals, marketFocus, usualHours, recentFeatures, now, startingPoint
    }

    init(
        profile: PersonalizationProfile, playbook: CompiledPlaybook, redaction: Redaction, context: SuggestionContext?, now: Timestamp
    ) {
        features = Self.features(profile, playbook, now: now)
        contentTypes = Self.contentTypes(profile, playbook, now: now)
        goals = Self.goals(profile, redaction, now: now)
        marketFocus = profile.marketFocus.prefix(Limits.aiFocusAreasMax).map { redaction.redact($0) }
        let hours = Self.usualHours(profile)
        usualHours = hours.sorted()
        mostUsualHour = hours.first
        recentFeatures = profile.workflow.recent.filter { playbook.featureIndex[$0] != nil }
        self.now = context.map { Moment($0, playbook, redaction) }
        startingPoint =
            context.map { Self.suggested(profile, playbook, $0, now: now) } ?? Self.proposed(profile, playbook, now: now)
    }

    /// Leaves out what changes by itself from day to day and with each use, and keeps the size of the rest: two documents that ask for the
    /// same advice are then the same.
    mutating func coarsen() {
        startingPoint = nil
        recentFeatures = []
        for index in features.indices {
            features[index].daysSinceLastUse = nil
            features[index].uses = Self.size(features[index].uses)
        }
        for index in contentTypes.indices {
            contentTypes[index].daysSinceLastMade = nil
            contentTypes[index].successes = Self.size(contentTypes[index].successes)
            contentTypes[index].failures = Self.size(contentTypes[index].failures)
            contentTypes[index].score = (contentTypes[index].score * 4).rounded() / 4
        }
        for index in goals.indices { goals[index].progress = (goals[index].progress * 10).rounded(.down) / 10 }
        usualHours = mostUsualHour.map { [$0 / 6] } ?? []
        if let percent = now?.profileCompletionPercent { now?.profileCompletionPercent = (percent / 10).rounded(.down) * 10 }
    }

    /// The power of two at or below a count; 0 for none.
    private static func size(_ count: UInt64) -> UInt64 { count == 0 ? 0 : 1 << UInt64(63 - count.leadingZeroBitCount) }

    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}

extension PromptDocument {
    private static func days(since moment: Timestamp, now: Timestamp) -> Int { max(0, Int(now.days(since: moment))) }

    /// Every feature of the playbook with the user's own use of it; what else the user's client has sent as a name stays here.
    private static func features(_ profile: PersonalizationProfile, _ playbook: CompiledPlaybook, now: Timestamp) -> [Feature] {
        var usage = [FeatureUsage?](repeating: nil, count: playbook.playbook.features.count)
        for feature in profile.features {
            if let index = playbook.featureIndex[feature.feature] { usage[index] = feature }
        }
        return zip(playbook.playbook.features, usage).map { feature, usage in
            Feature(
                name: feature.name, title: title(feature.title), uses: usage?.count ?? 0,
                daysSinceLastUse: usage.map { days(since: $0.lastUsedAt, now: now) })
        }
    }

    private static func contentTypes(_ profile: PersonalizationProfile, _ playbook: CompiledPlaybook, now: Timestamp) -> [Content] {
        playbook.playbook.contentTypes.map { type in
            let record = profile.content.first { $0.contentType.hasSameBytes(as: type.name) }
            return Content(
                name: type.name, title: title(type.title), successes: record?.successes ?? 0, failures: record?.failures ?? 0,
                score: rounded(record?.score ?? 0.5), daysSinceLastMade: record.map { days(since: $0.lastUsedAt, now: now) })
        }
    }

    private static func goals(_ profile: PersonalizationProfile, _ redaction: Redaction, now: Timestamp) -> [Goal] {
        [GoalProgress.Horizon.shortTerm, .longTerm].flatMap { horizon in
            profile.goalProgress.filter { $0.horizon == horizon }.prefix(Limits.aiGoalsPerHorizonMax).map { goal in
                Goal(
                    text: redaction.redact(goal.goal).shortened(toCharacters: Limits.aiGoalCharactersMax), horizon: horizon.rawValue,
                    progress: rounded(goal.progress))
            }
        }
    }

    /// The most usual first.
    private static func usualHours(_ profile: PersonalizationProfile) -> [Int] {
        profile.usesByHour.indices.filter { profile.usesByHour[$0] > 0 }
            .sorted { profile.usesByHour[$0] != profile.usesByHour[$1] ? profile.usesByHour[$0] > profile.usesByHour[$1] : $0 < $1 }
            .prefix(3).map(\.self)
    }

    /// What the rules say, without their reasons: those quote the user.
    private static func proposed(
        _ profile: PersonalizationProfile, _ playbook: CompiledPlaybook, now: Timestamp
    ) -> [String: [Proposal]] {
        let rules = DashboardRules.dashboard(for: profile, playbook: playbook, now: now)
        return [
            "priorityActions": rules.priorityActions.map {
                Proposal(action: $0.action, contentType: nil, title: title($0.title), priority: $0.priority.rawValue)
            },
            // A type that the playbook does not have is a name that the user's client has sent.
            "suggestedContent": rules.suggestedContent.filter { playbook.contentTypeIndex[$0.contentType] != nil }.map {
                Proposal(action: nil, contentType: $0.contentType, title: nil, priority: nil)
            },
            "marketInsights": rules.marketInsights.map { Proposal(action: nil, contentType: nil, title: title($0.title), priority: nil) },
            "nextBestActions": rules.nextBestActions.map {
                Proposal(action: $0.action, contentType: nil, title: nil, priority: nil)
            },
        ]
    }

    private static func suggested(
        _ profile: PersonalizationProfile, _ playbook: CompiledPlaybook, _ context: SuggestionContext, now: Timestamp
    ) -> [String: [Proposal]] {
        let rules = DashboardRules.suggestions(for: profile, context: context, playbook: playbook, now: now)
        return [
            "suggestions": rules.map {
                Proposal(action: $0.action, contentType: nil, title: title($0.title), priority: $0.priority.rawValue)
            }
        ]
    }

    private static func title(_ text: String) -> String { PlainText.neutralized(text).shortened(toCharacters: Limits.quotedCharactersMax) }

    private static func rounded(_ number: Double) -> Double { (number * 100).rounded() / 100 }
}

extension PromptDocument.Moment {
    /// Pages and steps are the client's text and may hold anything: they count as features of the playbook, and as `InterfaceToken`.
    fileprivate init(_ context: SuggestionContext, _ playbook: CompiledPlaybook, _ redaction: Redaction) {
        page = context.currentPage.flatMap { InterfaceToken.page($0, redaction) }
        latestActions = context.recentActions.suffix(Limits.sequenceLengthMax * 2).compactMap { InterfaceToken.ordinary($0, redaction) }
        onFeature = context.currentPage.flatMap { playbook.feature(atPage: $0) }.map { playbook.playbook.features[$0].name }
        recentFeatures = context.recentActions.suffix(Limits.sequenceLengthMax * 2).filter { playbook.featureIndex[$0] != nil }
        partOfDay = context.timeOfDay.flatMap { HourSet(timeOfDay: $0) == nil ? nil : $0 }
        profileCompletionPercent = context.profileCompletion
    }
}
