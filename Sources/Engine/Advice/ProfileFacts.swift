/// What the rules ask about one profile, found once for one answer.
struct ProfileFacts {
    let profile: PersonalizationProfile
    let playbook: CompiledPlaybook
    let now: Timestamp
    /// The latest features, oldest first.
    let recent: [String]
    /// The hour in the user's zone, or the hours of the part of day that the caller named.
    let hours: HourSet
    /// 0 to 100, where the caller told it.
    let profileCompletion: Double?
    /// Where each feature of the playbook stands in `profile.features`; nil for one never used.
    let usage: [Int?]
    let lastUsedAt: Timestamp?
    /// The words of each of `profile.goalProgress`.
    let goalWords: [GoalWords]
    /// The words of each of `profile.marketFocus`.
    let focusPhrases: [Phrase]
    /// Every feature of the playbook, the likeliest first.
    let predictions: [NextStepModel.Prediction]

    init(profile: PersonalizationProfile, playbook: CompiledPlaybook, now: Timestamp, context: SuggestionContext? = nil) {
        self.profile = profile
        self.playbook = playbook
        self.now = now
        recent = Self.recent(profile: profile, playbook: playbook, context: context, now: now)
        hours =
            context?.timeOfDay.flatMap { HourSet(timeOfDay: $0) }
            ?? HourSet(hour: TimeZones.localHour(of: now, in: profile.timeZone))
        profileCompletion = context?.profileCompletion
        var usage = [Int?](repeating: nil, count: playbook.playbook.features.count)
        var lastUsedAt: Timestamp?
        for index in profile.features.indices {
            if let feature = playbook.featureIndex[profile.features[index].feature] { usage[feature] = index }
            lastUsedAt = max(lastUsedAt ?? profile.features[index].lastUsedAt, profile.features[index].lastUsedAt)
        }
        self.usage = usage
        self.lastUsedAt = lastUsedAt
        // Goals that are reached are pressed by no rule.
        goalWords = profile.goalProgress.map { GoalWords($0.status == .completed ? "" : $0.goal) }
        focusPhrases = profile.marketFocus.map { Phrase($0) }
        predictions = NextStepModel(sequences: profile.workflow.sequences, recent: recent, playbook: playbook, now: now)
            .predictions
            .sorted { $0.confidence != $1.confidence ? $0.confidence > $1.confidence : $0.feature < $1.feature }
    }

    func feature(_ index: Int) -> Playbook.Feature { playbook.playbook.features[index] }

    func usage(of feature: Int) -> FeatureUsage? { usage[feature].map { profile.features[$0] } }

    /// Whole days from `moment` to now, never below 0.
    func days(since moment: Timestamp) -> Int { max(0, Int(now.days(since: moment))) }

    /// The title of a feature of the playbook; the name itself of any other.
    func title(ofFeature name: String) -> String {
        playbook.featureIndex[name].map { feature($0).title } ?? name
    }

    func title(ofContentType name: String) -> String {
        playbook.contentTypeIndex[name].map { playbook.playbook.contentTypes[$0].title } ?? name
    }

    /// The features that the suffix of a prediction consists of.
    func basis(of prediction: NextStepModel.Prediction) -> [String] { Array(recent.suffix(prediction.suffixLength)) }

    private static func recent(
        profile: PersonalizationProfile, playbook: CompiledPlaybook, context: SuggestionContext?, now: Timestamp
    ) -> [String] {
        // A visit that has ended has no next step.
        let silence = profile.workflow.lastSeenAt.map { now.milliseconds - $0.milliseconds } ?? 0
        let present = silence < Int64(Limits.visitSilenceSeconds) * 1000 ? profile.workflow.recent : []
        guard let context else { return present }
        var recent = context.recentActions.isEmpty ? present : []
        // Repeats in a row count once here too; twice the length leaves enough after they are gone from all but hostile lists.
        for action in context.recentActions.suffix(Limits.sequenceLengthMax * 2) where !(recent.last?.hasSameBytes(as: action) ?? false) {
            recent.append(action)
        }
        if let page = context.currentPage.flatMap({ playbook.feature(atPage: $0) }) {
            let name = playbook.playbook.features[page].name
            if !(recent.last?.hasSameBytes(as: name) ?? false) { recent.append(name) }
        }
        return Array(recent.suffix(Limits.sequenceLengthMax))
    }
}
