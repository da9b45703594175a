import Engine
import Foundation
import Testing

/// `Schemas/playbook.schema.json` and the Codable types name the same members.
@Suite("playbook.schema.json")
struct PlaybookSchemaTests {
    private indirect enum JSON: Decodable {
        case object([String: JSON])
        case other

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            self = (try? value.decode([String: JSON].self)).map { .object($0) } ?? .other
        }

        subscript(name: String) -> JSON? {
            guard case .object(let members) = self else { return nil }
            return members[name]
        }

        var names: Set<String> {
            guard case .object(let members) = self else { return [] }
            return Set(members.keys)
        }
    }

    private func schema() throws -> JSON {
        let root = (0..<4).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        return try JSONDecoder().decode(JSON.self, from: Data(contentsOf: root.appending(path: "Schemas/playbook.schema.json")))
    }

    private func members(of value: some Encodable) throws -> JSON {
        try JSONDecoder().decode(JSON.self, from: JSONEncoder().encode(value))
    }

    /// Every condition at once.
    private var everyCondition: RuleCondition {
        var when = RuleCondition()
        (when.hasGoals, when.hasMarketFocus, when.allGoalsCompleted) = (true, true, true)
        (when.featuresUsedAtMost, when.featuresUsedAtLeast, when.inactiveForDays) = (1, 1, 1)
        (when.profileCompletionBelow, when.neverUsed, when.marketFocus) = (1, "a", ["x"])
        when.usedAtLeast = .init(feature: "a", count: 1)
        (when.unusedForDays, when.usedWithinDays) = (.init(feature: "a", days: 1), .init(feature: "a", days: 1))
        var goal = RuleCondition.Goal()
        (goal.keywords, goal.horizon, goal.stalledForDays, goal.progressAtLeast) = (["x"], .shortTerm, 1, 1)
        when.unfinishedGoal = goal
        var abandoned = RuleCondition.AbandonedContent()
        (abandoned.contentType, abandoned.unusedForDays, abandoned.scoreBelow, abandoned.failuresAtLeast) = ("post", 1, 1, 1)
        when.abandonedContent = abandoned
        when.strongContent = .init(contentType: "post", scoreAtLeast: 1, successesAtLeast: 1)
        (when.localHour, when.usualHour) = (.init(from: 1, to: 2), .init(usesAtLeast: 1, shareAtLeast: 1))
        (when.nextStep, when.shortcut) = (.init(confidenceAtLeast: 1), .init(walkedAtLeast: 2))
        return when
    }

    @Test func namesTheSameMembers() throws {
        let definitions = try #require(try schema()["$defs"])
        let playbook = PersonalizationFixture.playbook()
        let rule = PlaybookRule(id: "r", when: everyCondition, action: "a", priority: .low, title: "t", reason: "r")
        #expect(try members(of: playbook).names.union(["$schema"]) == schema()["properties"]?.names)
        #expect(try members(of: playbook.features[0]).names == definitions["feature"]?["properties"]?.names)
        #expect(try members(of: playbook.contentTypes[0]).names == definitions["contentType"]?["properties"]?.names)
        #expect(try members(of: playbook.insights[0]).names == definitions["insight"]?["properties"]?.names)
        #expect(try members(of: rule).names == definitions["rule"]?["properties"]?.names)
        let conditions = try members(of: everyCondition)
        let described = try #require(definitions["condition"]?["properties"])
        #expect(conditions.names == described.names)
        for name in conditions.names.subtracting(["unusedForDays", "usedWithinDays"]) {
            #expect(conditions[name]?.names == described[name]?["properties"]?.names ?? [])
        }
        #expect(conditions["unusedForDays"]?.names == definitions["featureDays"]?["properties"]?.names)
    }

    @Test func everyConditionTogetherIsValid() throws {
        let rule = PlaybookRule(id: "r", when: everyCondition, action: "a", priority: .low, reason: "{from} {goal} {hour}")
        #expect(throws: Never.self) { try PersonalizationFixture.playbook(rules: [rule]).validate() }
    }
}
