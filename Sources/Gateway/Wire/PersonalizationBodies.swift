/// Bodies of the routes under `/api/personalization`; `Schemas/openapi.yaml` describes them.

struct SettingsBody: Decodable {
    let timeZone: String
}

struct FeatureUsageBody: Decodable {
    let feature: String
    let at: String?
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
}
