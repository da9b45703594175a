/// The shapes that the AI provider is asked to answer in, as JSON Schema (2020-12), one for every playbook.
///
/// In the subset that strict structured output knows: every member required and no other allowed, no lengths of strings. A schema
/// makes a right answer likely; that an answer is right is seen by `AdvisorAnswer` alone.
package struct AnswerSchema: Sendable {
    package let dashboard: String
    package let suggestions: String

    package init(_ playbook: Playbook) {
        let action = Self.name(playbook.features.map(\.name))
        let contentType = Self.name(playbook.contentTypes.map(\.name))
        let text = #"{"type":"string"}"#
        let priority = Self.choice(Priority.allCases.map(\.rawValue))
        let category = Self.choice(MarketInsight.Category.allCases.map(\.rawValue))
        dashboard = Self.object([
            (
                "priorityActions",
                Self.list(
                    [("title", text), ("description", text), ("action", action), ("priority", priority), ("reason", text)],
                    max: Limits.priorityActionsMax)
            ),
            (
                "suggestedContent",
                Self.list([("contentType", contentType), ("title", text), ("reason", text)], max: Limits.suggestedContentMax)
            ),
            (
                "marketInsights",
                Self.list([("title", text), ("description", text), ("category", category)], max: Limits.marketInsightsMax)
            ),
            (
                "nextBestActions",
                Self.list([("action", action), ("title", text), ("description", text)], max: Limits.nextBestActionsMax)
            ),
        ])
        suggestions = Self.object([
            (
                "suggestions",
                Self.list(
                    [("title", text), ("description", text), ("action", action), ("priority", priority)], max: Limits.suggestionsMax)
            )
        ])
    }

    /// One of the playbook's names; where there are too many for an enumeration, any string.
    private static func name(_ names: [String]) -> String {
        names.count <= Limits.aiEnumerationMax ? choice(names) : #"{"type":"string"}"#
    }

    private static func choice(_ values: [String]) -> String {
        #"{"type":"string","enum":[\#(values.map(quoted).joined(separator: ","))]}"#
    }

    private static func list(_ members: [(name: String, schema: String)], max: Int) -> String {
        #"{"type":"array","minItems":1,"maxItems":\#(max),"items":\#(object(members))}"#
    }

    private static func object(_ members: [(name: String, schema: String)]) -> String {
        let properties = members.map { "\(quoted($0.name)):\($0.schema)" }.joined(separator: ",")
        let required = members.map { quoted($0.name) }.joined(separator: ",")
        return #"{"type":"object","additionalProperties":false,"required":[\#(required)],"properties":{\#(properties)}}"#
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
