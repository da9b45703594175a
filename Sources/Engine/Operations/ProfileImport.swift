/// Takes over a `USER#…` / `PERSONALIZATION` item of a DynamoDB table export:
/// `{"Item":{"PK":{"S":"USER#u1"},"SK":{"S":"PERSONALIZATION"},…}}`.
///
/// Members are those of the profile as `GET /api/personalization/users/{userId}` shows it, in DynamoDB's typed JSON; what is not there
/// stays empty. The item takes the place of what is known of the user's personalization, so that taking it again changes nothing.
enum ProfileImport {
    /// - Returns: false for an item that is none, or that cannot be read.
    static func take(_ item: JSONView, _ scope: Scope) async throws(EngineError) -> Bool {
        let attributes = Attributes(item)
        guard let partition = attributes.text("PK"), partition.hasPrefix("USER#"), attributes.text("SK") == "PERSONALIZATION",
            let user = try? UserID(String(partition.dropFirst(5)))
        else { return false }
        let profile = profile(attributes, now: scope.now)
        let key = Keyspace.personalization(user)
        try await scope.tenant.table.write([key], now: scope.now) { table throws(EngineError) in try table.put(key, profile.record) }
        return true
    }

    private static func profile(_ item: Attributes, now: Timestamp) -> PersonalizationProfile {
        var profile = PersonalizationProfile()
        if let zone = item.text("timeZone"), TimeZones.isKnown(zone) { profile.setTimeZone(zone, at: now) }
        profile.features = item.list("featureUsage").prefix(Limits.featuresPerProfileMax).compactMap { used in
            guard let feature = used.text("feature"), let count = used.count("count") else { return nil }
            let last = used.time("lastUsedAt") ?? used.time("lastUsed") ?? now
            return FeatureUsage(feature: feature, count: count, firstUsedAt: used.time("firstUsedAt") ?? last, lastUsedAt: last)
        }
        profile.content = item.list("contentPreferences").prefix(Limits.contentTypesPerProfileMax).compactMap { preferred in
            guard let contentType = preferred.text("contentType") else { return nil }
            return ContentPreference(
                contentType: contentType, successes: preferred.count("successes") ?? 0, failures: preferred.count("failures") ?? 0,
                lastUsedAt: preferred.time("lastUsedAt") ?? now)
        }
        let goals = item.map("goals")
        profile.setGoals(
            shortTerm: Array((goals?.texts("shortTerm") ?? []).prefix(Limits.goalsPerHorizonMax)),
            longTerm: Array((goals?.texts("longTerm") ?? []).prefix(Limits.goalsPerHorizonMax)), at: now)
        for progress in item.list("goalProgress") {
            if let goal = progress.text("goal"), let share = progress.number("progress") {
                _ = profile.setProgress(of: goal, to: min(1, max(0, share)), at: progress.time("updatedAt") ?? now)
            }
        }
        profile.createdAt = item.time("createdAt") ?? now
        profile.setMarketFocus(Array(item.texts("marketFocus").prefix(Limits.marketFocusAreasMax)), at: now)
        return profile
    }
}

/// The attributes of an item or a map, in DynamoDB's typed JSON: `{"S":…}`, `{"N":"…"}`, `{"M":{…}}`, `{"L":[…]}`, `{"SS":[…]}`.
private struct Attributes {
    private let view: JSONView

    init(_ view: JSONView) {
        self.view = view
    }

    func text(_ name: String) -> String? { view.member(name)?.member("S")?.string }

    func number(_ name: String) -> Double? { view.member(name)?.member("N")?.string.flatMap { Double($0) } }

    func count(_ name: String) -> UInt64? { number(name).flatMap { UInt64(exactly: $0) } }

    /// RFC 3339, or milliseconds since 1970.
    func time(_ name: String) -> Timestamp? {
        if let text = text(name) { return Timestamp(rfc3339: text) }
        return number(name).flatMap { Int64(exactly: $0) }.map { Timestamp(milliseconds: $0) }
    }

    func map(_ name: String) -> Attributes? { view.member(name)?.member("M").map { Attributes($0) } }

    func list(_ name: String) -> [Attributes] {
        view.member(name)?.member("L")?.elements.compactMap { $0.member("M").map { Attributes($0) } } ?? []
    }

    func texts(_ name: String) -> [String] {
        guard let value = view.member(name) else { return [] }
        if let set = value.member("SS") { return set.elements.compactMap(\.string) }
        return value.member("L")?.elements.compactMap { $0.member("S")?.string } ?? []
    }
}
