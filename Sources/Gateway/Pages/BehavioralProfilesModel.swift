import Engine
import HTTPTypes

/// What the template `behavioral` names.
struct BehavioralProfilesModel: Sendable {
    struct Row: Sendable {
        let id: Int64
        let user: String
        /// nil for an id that browsers cannot have in a path.
        let profileLink: String?
        let lead: String?
        let level: String
        let score: String
        let origin: String
        /// nil: none are known.
        let interests: String?
        let strategy: String
        let confidence: String
        let reasoning: String
        let engaged: PageMoment?

        init(_ profile: BehavioralProfile, now: Timestamp) {
            id = profile.id
            user = profile.userID.text
            profileLink = ProfilePage.link(profile.userID)
            lead = profile.leadID.isEmpty || profile.leadID == Array("null".utf8) ? nil : Self.text(json: profile.leadID)
            level = profile.level.rawValue
            score = PageText.score(profile.score)
            origin = profile.isExplicit ? "set manually" : "from behavior"
            interests = profile.interests.isEmpty ? nil : profile.interests
            strategy = profile.strategy.recommendation
            confidence = PageText.percent(profile.strategy.confidence)
            reasoning = profile.strategy.reasoning
            engaged = profile.lastEngagedAt.map { PageMoment($0, now: now) }
        }

        /// A string without its quotes; any other JSON as it is.
        private static func text(json: [UInt8]) -> String {
            JSONTape(json)?.root.string ?? String(decoding: json, as: UTF8.self)
        }
    }

    struct Option: Sendable {
        let value: String
        let text: String
        let isSelected: Bool
    }

    /// A field as it was sent, with what is wrong with it.
    struct Field: Sendable {
        let value: String
        let error: String?
        /// Where the browser is to go: the first that is wrong.
        var isFirst = false
    }

    let path = BehavioralProfilesPage.path
    let rows: [Row]
    let hasRows: Bool
    let isFiltered: Bool
    let filterOptions: [Option]
    let levelOptions: [Option]
    let userField: [Field]
    let scoreField: [Field]
    let interestsField: [Field]
    let leadField: [Field]
    let levelField: [Field]
    let hasErrors: Bool
    let pageNote: String
    var formToken = ""
    var created: Row?
    var firstLink: String?
    var nextLink: String?

    init(_ profiles: [BehavioralProfile], level wanted: EngagementLevel?, form: BehavioralProfileForm, now: Timestamp) {
        rows = profiles.map { Row($0, now: now) }
        hasRows = !rows.isEmpty
        isFiltered = wanted != nil
        pageNote = rows.isEmpty ? "" : PageText.count(rows.count, "profile") + " on this page"
        filterOptions = Self.options(first: "Any level", selected: wanted?.rawValue ?? "")
        levelOptions = Self.options(first: "From the score", selected: form.level)
        hasErrors = !form.errors.isEmpty
        let first = ["user_id", "behavioral_score", "engagement_level", "lead_id", "interests"].first { form.errors[$0] != nil }
        func field(_ name: String, _ value: String) -> [Field] {
            [Field(value: value, error: form.errors[name], isFirst: name == first)]
        }
        userField = field("user_id", form.userID)
        scoreField = field("behavioral_score", form.score)
        interestsField = field("interests", form.interests)
        leadField = field("lead_id", form.leadID)
        levelField = field("engagement_level", form.level)
    }

    private static func options(first: String, selected: String) -> [Option] {
        let texts = [("high", "High (70 or more)"), ("medium", "Medium (40 to 70)"), ("low", "Low (below 40)")]
        return ([("", first)] + texts).map { Option(value: $0.0, text: $0.1, isSelected: $0.0 == selected) }
    }
}
