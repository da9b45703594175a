/// Takes over a `USER#…` / `PERSONALIZATION` item of a DynamoDB table export:
/// `{"Item":{"PK":{"S":"USER#u1"},"SK":{"S":"PERSONALIZATION"},…}}`.
///
/// Members are those of the profile as `GET /api/personalization/users/{userId}` shows it, in DynamoDB's typed JSON; what is not there
/// stays empty. The item takes the place of what is known of the user's personalization, so that taking it again changes nothing.
enum ProfileImport {
    enum Outcome: String {
        case taken
        /// It is no such item, or cannot be read.
        case unknown = "unknown_item"
        /// The user does not allow `personalization`, or is restricted or suppressed: nothing new is stored about them.
        case refused = "consent"
        /// A time cannot be read, or lies ahead.
        case timestamp
        /// The user is named by what stands for nobody.
        case id
    }

    static func take(_ item: JSONView, _ scope: Scope) async throws(EngineError) -> Outcome {
        let attributes = ExportedAttributes(item)
        guard let partition = attributes.text("PK"), partition.hasPrefix("USER#"), attributes.text("SK") == "PERSONALIZATION",
            let user = try? UserID(String(partition.dropFirst(5)))
        else { return .unknown }
        guard !PlaceholderIDs.isArtefact(user.text) else { return .id }
        guard !attributes.holdUnreadableTime(named: timeNames, now: scope.now) else { return .timestamp }
        if try scope.tenant.isSuppressed(user) { return .refused }
        let profile = profile(attributes, now: scope.now)
        let (key, consent) = (Keyspace.personalization(user), Keyspace.consent(user))
        return try await scope.tenant.table.write([key, consent], now: scope.now) { table throws(EngineError) in
            let state = ConsentState(try table.get(consent, as: ConsentRecord.self), of: scope.tenant)
            guard state.allows(.personalization) else { return .refused }
            try table.put(key, profile.record)
            return .taken
        }
    }

    private static let timeNames: Set<String> = [
        "createdAt", "updatedAt", "firstUsedAt", "lastUsedAt", "lastUsed", "lastSeenAt", "lastSeen",
    ]

    private static func profile(_ item: ExportedAttributes, now: Timestamp) -> PersonalizationProfile {
        var profile = PersonalizationProfile()
        if let zone = item.text("timeZone"), TimeZones.isKnown(zone) { profile.setTimeZone(zone, at: now) }
        profile.features = features(item, now: now)
        profile.content = content(item, now: now)
        // Older exports have them beside the rest.
        let patterns = item.map("workflowPatterns") ?? item
        profile.workflow.sequences = WorkflowImport.sequences(patterns.values("commonSequences"), now: now)
        profile.usesByHour = WorkflowImport.usesByHour(patterns.map("timeOfDayUsage"))
        let goals = item.map("goals")
        profile.setGoals(shortTerm: Self.goals(goals, "shortTerm"), longTerm: Self.goals(goals, "longTerm"), at: now)
        for progress in item.list("goalProgress") {
            if let goal = progress.text("goal"), let share = progress.number("progress"), !share.isNaN {
                _ = profile.setProgress(of: goal, to: min(1, max(0, share)), at: progress.past("updatedAt", now) ?? now)
            }
        }
        profile.createdAt = item.past("createdAt", now) ?? now
        profile.setMarketFocus(
            named(item.texts("marketFocus"), Limits.marketFocusCharactersMax, at: \.self, max: Limits.marketFocusAreasMax), at: now)
        return profile
    }

    private static func features(_ item: ExportedAttributes, now: Timestamp) -> [FeatureUsage] {
        let used = item.list("featureUsage").compactMap { used -> FeatureUsage? in
            guard let feature = used.text("feature"), let count = used.count("count"), count > 0 else { return nil }
            let last = used.past("lastUsedAt", now) ?? used.past("lastUsed", now) ?? now
            let first = min(used.past("firstUsedAt", now) ?? last, last)
            return FeatureUsage(feature: feature, count: count, firstUsedAt: first, lastUsedAt: last)
        }
        return named(used, Limits.featureNameCharactersMax, at: \.feature, max: Limits.featuresPerProfileMax)
    }

    private static func content(_ item: ExportedAttributes, now: Timestamp) -> [ContentPreference] {
        let preferred = item.list("contentPreferences").compactMap { preferred in
            preferred.text("contentType").map { contentType in
                ContentPreference(
                    contentType: contentType, successes: preferred.count("successes") ?? 0, failures: preferred.count("failures") ?? 0,
                    lastUsedAt: preferred.past("lastUsedAt", now) ?? now)
            }
        }
        return named(preferred, Limits.contentTypeCharactersMax, at: \.contentType, max: Limits.contentTypesPerProfileMax)
    }

    private static func goals(_ goals: ExportedAttributes?, _ horizon: String) -> [String] {
        let sound = (goals?.texts(horizon) ?? []).filter {
            ProfileValidation.textViolation($0, charactersMax: Limits.goalCharactersMax, pointer: "") == nil
        }
        return Array(sound.prefix(Limits.goalsPerHorizonMax))
    }

    /// Those whose names a request could bring, each name once.
    private static func named<Element>(
        _ elements: [Element], _ charactersMax: Int, at name: KeyPath<Element, String>, max: Int
    ) -> [Element] {
        var known: Set<[UInt8]> = []
        let sound = elements.filter { element in
            let name = element[keyPath: name]
            return ProfileValidation.nameViolation(name, charactersMax: charactersMax, pointer: "") == nil
                && known.insert(Array(name.utf8)).inserted
        }
        return Array(sound.prefix(max))
    }
}
