import Engine

/// Bodies of the routes under `/api/personalization`; `Schemas/openapi.yaml` describes them.

struct SettingsBody: Decodable {
    let timeZone: String
}

struct FeatureUsageBody: Decodable, TapeReadable {
    let feature: String
    let at: WireTime?

    init?(_ root: JSONView) {
        guard let feature = root.member("feature")?.string else { return nil }
        let written = root.member("at")
        let at = written.flatMap { WireTime($0) }
        guard written == nil || at != nil else { return nil }
        (self.feature, self.at) = (feature, at)
    }
}

struct ContentPreferenceBody: Decodable {
    let contentType: String
    let success: Bool
}

struct GoalsBody: Decodable {
    let shortTerm: [String]
    let longTerm: [String]
}

struct GoalProgressBody: Decodable {
    let goal: String
    let progress: Double
}

struct MarketFocusBody: Decodable {
    let marketFocus: [String]
}

struct SuggestionsBody: Decodable {
    let currentPage: String?
    let recentActions: [String]?
    let timeOfDay: TextOrInteger?
    let profileCompletion: Double?

    private static let partsOfDay = ["morning", "afternoon", "evening", "night"]

    /// - Throws: `.invalid` for moments and percentages that there are not.
    func context() throws(EngineError) -> SuggestionContext {
        var context = SuggestionContext()
        context.currentPage = currentPage
        context.recentActions = recentActions ?? []
        context.timeOfDay = timeOfDay?.text
        context.profileCompletion = profileCompletion
        if let time = context.timeOfDay, !Self.partsOfDay.contains(time), !(0...23).contains(where: { String($0) == time }) {
            throw .invalid("/timeOfDay", "must be morning, afternoon, evening, night or an hour from 0 to 23")
        }
        if let percent = profileCompletion, !(0...100).contains(percent) {
            throw .invalid("/profileCompletion", "must be from 0 to 100")
        }
        return context
    }
}
