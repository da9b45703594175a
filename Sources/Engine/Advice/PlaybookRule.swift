/// Where everything in `when` holds, the user is advised to do `action`, for this reason.
package struct PlaybookRule: Codable, Sendable, Equatable {
    package var id: String
    package var when: RuleCondition
    /// Name of a feature; left out where `when` finds the feature itself (`RuleCondition.findsFeature`).
    package var action: String?
    package var priority: Priority
    /// What the user is asked to do; left out: to open the feature, or to continue with it where it follows from steps.
    package var title: String?
    /// Why; may hold the placeholders of `ReasonTemplate.Placeholder`.
    package var reason: String

    enum CodingKeys: String, CodingKey {
        case id, when, action, priority, title, reason
    }

    package init(
        id: String, when: RuleCondition, action: String? = nil, priority: Priority, title: String? = nil, reason: String
    ) {
        self.id = id
        self.when = when
        self.action = action
        self.priority = priority
        self.title = title
        self.reason = reason
    }
}
