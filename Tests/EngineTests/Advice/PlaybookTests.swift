import Engine
import Foundation
import Testing

@Suite("Playbook")
struct PlaybookTests {
    private func violations(_ change: (inout Playbook) -> Void) -> [String] {
        var playbook = Playbook.standard
        change(&playbook)
        do throws(EngineError) {
            try playbook.validate()
            return []
        } catch {
            #expect(error.code == .invalid)
            return error.violations.map(\.pointer)
        }
    }

    @Test func standardIsValidAndCoversEveryFamily() throws {
        let playbook = Playbook.standard
        try playbook.validate()
        #expect((10...14).contains(playbook.features.count))
        #expect(playbook.rules.count >= 20)
        let areas = Set(playbook.insights.flatMap(\.marketFocus))
        #expect(areas.isSuperset(of: ["luxury homes", "downtown condos", "first-time buyers"]))
        let whens = playbook.rules.map(\.when)
        let families: [(RuleCondition) -> Bool] = [
            { $0.hasGoals == false }, { $0.hasMarketFocus == false }, { $0.neverUsed != nil }, { $0.unfinishedGoal != nil },
            { $0.abandonedContent != nil }, { $0.nextStep != nil }, { $0.usualHour != nil },
            { $0.inactiveForDays != nil }, { $0.featuresUsedAtLeast != nil },
        ]
        for family in families { #expect(whens.contains(where: family)) }
    }

    @Test func standardSurvivesItsWireForm() throws {
        let json = try JSONEncoder().encode(Playbook.standard)
        #expect(try Playbook(json: Array(json)) == Playbook.standard)
    }

    @Test func pointsToUnknownNames() {
        #expect(violations { $0.rules[3].action = "nowhere" } == ["/rules/3/action"])
        #expect(violations { $0.rules[0].when.neverUsed = "nowhere" } == ["/rules/0/when/neverUsed"])
        let badUse = violations { $0.rules[1].when.usedAtLeast = .init(feature: "x", count: 0) }
        #expect(badUse == ["/rules/1/when/usedAtLeast/feature", "/rules/1/when/usedAtLeast/count"])
        var abandoned = RuleCondition.AbandonedContent()
        abandoned.contentType = "nothing"
        let badContent = violations { $0.rules[2].when.abandonedContent = abandoned }
        #expect(badContent == ["/rules/2/when/abandonedContent/contentType", "/rules/2/when/abandonedContent"])
    }

    @Test func pointsToDuplicatesAndEmptyLists() {
        #expect(violations { $0.features[4].name = $0.features[1].name }.first == "/features/4/name")
        #expect(violations { $0.contentTypes[2].name = $0.contentTypes[0].name } == ["/contentTypes/2/name"])
        #expect(violations { $0.insights[2].title = $0.insights[0].title } == ["/insights/2/title"])
        #expect(violations { $0.rules[2].id = $0.rules[0].id } == ["/rules/2/id"])
        #expect(violations { $0.contentTypes = [] } == ["/contentTypes"])
        #expect(violations { $0.insights.removeAll { $0.marketFocus.isEmpty } } == ["/insights"])
        #expect(violations { ($0.features, $0.rules) = ([], []) } == ["/features"])
        #expect(violations { $0.rules = [] }.isEmpty)
        #expect(violations { $0.rules[1].when = RuleCondition() } == ["/rules/1/when"])
    }

    @Test func pointsToTextsThatDoNotFit() {
        let long = String(repeating: "x", count: 501)
        #expect(violations { $0.features[0].title = "" } == ["/features/0/title"])
        #expect(violations { $0.features[0].description = long } == ["/features/0/description"])
        #expect(violations { $0.features[0].link = "javascript:alert(1)" } == ["/features/0/link"])
        #expect(violations { $0.features[0].link = "//elsewhere.example" } == ["/features/0/link"])
        #expect(violations { $0.features[0].link = "https://app.example/goals" }.isEmpty)
        #expect(violations { $0.insights[0].marketFocus = [""] } == ["/insights/0/marketFocus/0"])
        #expect(violations { $0.rules[0].title = long } == ["/rules/0/title"])
        #expect(violations { $0.rules[0].reason = "" } == ["/rules/0/reason"])
        #expect(violations { $0.rules[0].reason = "You {unknown}" } == ["/rules/0/reason"])
        #expect(violations { $0.rules[0].reason = "You {days" } == ["/rules/0/reason"])
        #expect(violations { $0.rules[0].reason = "{hour}" } == ["/rules/0/reason"])
    }

    @Test func actionMayBeLeftOutOnlyWhereOneIsFound() throws {
        let index = try #require(Playbook.standard.rules.firstIndex { $0.id == "onboarding-goals" })
        #expect(violations { $0.rules[index].action = nil } == ["/rules/\(index)/action"])
        #expect(Playbook.standard.rules.contains { $0.action == nil && $0.when.nextStep != nil })
    }

    @Test func boundsTheNumberOfEntriesAndOfViolations() {
        let feature = Playbook.standard.features[0]
        #expect(violations { $0.features = Array(repeating: feature, count: 201) }.first == "/features")
        #expect(violations { $0.rules = Array(repeating: $0.rules[0], count: 200) }.count == Limits.playbookViolationsMax)
    }

    @Test(arguments: [
        (#"{"features":[],"contentTypes":[],"insights":[]}"#, "/rules"),
        (#"{"features":[{"name":1}],"contentTypes":[],"insights":[],"rules":[]}"#, "/features/0/name"),
        (#"{"features":[],"contentTypes":[],"insights":[],"rules":[{"id":"r","when":{"neverUsd":"x"}}]}"#, "/rules/0/when/neverUsd"),
        (
            #"{"features":[],"contentTypes":[],"insights":[],"rules":[{"id":"r","when":{"unfinishedGoal":{"keyword":["x"]}}}]}"#,
            "/rules/0/when/unfinishedGoal/keyword"
        ),
        (
            #"{"features":[],"contentTypes":[],"insights":[],"rules":[{"id":"r","when":{},"priority":"urgent","reason":""}]}"#,
            "/rules/0/priority"
        ),
        ("{", ""),
    ])
    func pointsToWhatCannotBeRead(json: String, pointer: String) {
        do throws(EngineError) {
            _ = try Playbook(json: Array(json.utf8))
            Issue.record("must be refused")
        } catch {
            #expect(error.violations.map(\.pointer) == [pointer])
        }
    }
}
