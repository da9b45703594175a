import Engine
import Testing

@Suite struct AdvisorAnswerTests {
    private let rules = DashboardRules.dashboard(for: PersonalizationProfile(), playbook: .standard, now: PersonalizationFixture.now)

    private func read(_ json: String) -> AdvisedSections? {
        AdvisorAnswer.dashboard(Array(json.utf8), playbook: .standard, rules: rules)
    }

    @Test func aRightAnswerIsTakenAsItIs() throws {
        let sections = try #require(read(StubProvider.dashboard()))
        let features = Playbook.standard.features.map(\.name)
        #expect(
            sections.priorityActions == [
                PriorityAction(title: "AI title", description: "AI text", action: features[0], priority: .high, reason: "AI reason")
            ])
        #expect(sections.nextBestActions.map(\.action) == [features[1]])
        #expect(AdvisorAnswer.suggestions(Array(StubProvider.suggestions().utf8), playbook: .standard)?.map(\.source) == [.ai])
    }

    @Test(arguments: [
        StubProvider.dashboard(action: "delete-everything"), StubProvider.dashboard(priority: "urgent"),
        StubProvider.dashboard(contentType: "malware"), StubProvider.dashboard(category: "advert"),
        StubProvider.dashboard(title: ""), StubProvider.dashboard(title: " \\n "), StubProvider.dashboard(title: "\\u202e\\u200b"),
        StubProvider.dashboard(title: "<script>alert(1)</script>"), StubProvider.dashboard(title: "a <img src=x>"),
        StubProvider.dashboard(title: "&lt;b&gt;"), StubProvider.dashboard(title: "&#60;b"),
        StubProvider.dashboard(title: "[click](x)"), StubProvider.dashboard(title: "see https://evil.example"),
        StubProvider.dashboard(title: "see evil.example/x"), StubProvider.dashboard(title: "write to a@evil.example"),
        StubProvider.dashboard(title: "javascript:alert(1)"), StubProvider.dashboard(title: "{{7*7}}"),
        StubProvider.dashboard(extra: #","url":"x""#), StubProvider.dashboard(extra: #","confidence":1"#),
        #"{"priorityActions":[],"suggestedContent":[],"marketInsights":[],"nextBestActions":[]}"#,
        "{}", "[]", "null", "\"text\"", "", "{", #"{"priorityActions":"all"}"#, StubProvider.suggestions(),
        StubProvider.dashboard().replacing(#""reason":"AI reason"}],"#, with: #""reason":7}],"#),
        StubProvider.dashboard().replacing("]}", with: #"],"admin":true}"#),
    ])
    func anythingElseIsNoAnswer(json: String) { #expect(read(json) == nil, "\(json)") }

    @Test func textIsPlainAndShort() throws {
        let title = "**Do** `it`\\u0007 \\u202Enow\\n" + String(repeating: "x ", count: 500)
        let sections = try #require(read(StubProvider.dashboard(title: title)))
        let shown = sections.priorityActions[0].title
        #expect(shown.hasPrefix("Do it now x") && shown.count == Limits.aiTitleCharactersMax)
        #expect(try #require(read(StubProvider.dashboard(title: "5 < 7 & 8 > 3"))).priorityActions[0].title == "5 < 7 & 8 > 3")
    }

    @Test func whatIsSaidTwiceCountsOnceAndTooMuchIsNoAnswer() throws {
        let one = #"{"title":"a","description":"b","action":"\#(Playbook.standard.features[0].name)","priority":"low"}"#
        func suggestions(_ count: Int) -> [Suggestion]? {
            let json = #"{"suggestions":[\#(Array(repeating: one, count: count).joined(separator: ","))]}"#
            return AdvisorAnswer.suggestions(Array(json.utf8), playbook: .standard)
        }
        #expect(suggestions(2)?.count == 1)
        #expect(suggestions(Limits.suggestionsMax + 1) == nil && suggestions(0) == nil)
    }

    @Test func confidencesAreTheRulesOwn() throws {
        let known = rules.nextBestActions[0]
        let features = Playbook.standard.features.map(\.name)
        let unknown = try #require(features.first { name in !rules.nextBestActions.contains { $0.action == name } })
        for (action, confidence, basedOn) in [
            (known.action, known.confidence, known.basedOn), (unknown, rules.nextBestActions.map(\.confidence).min() ?? 0, []),
        ] {
            let json = StubProvider.dashboard().replacing(#""action":"\#(features[1])""#, with: #""action":"\#(action)""#)
            let next = try #require(read(json)?.nextBestActions.first)
            #expect(next.action == action && next.confidence == confidence && next.basedOn == basedOn)
        }
    }

    @Test func theSchemaIsStrictAndNamesThePlaybook() {
        let schema = AnswerSchema(PersonalizationFixture.playbook())
        #expect(schema.dashboard.contains(#""enum":["a","b","c","d","e"]"#) && schema.dashboard.contains(#""enum":["post","film"]"#))
        #expect(schema.suggestions.contains(#""additionalProperties":false"#) && schema.suggestions.contains(#""maxItems":5"#))
        var large = PersonalizationFixture.playbook()
        large.features += (0..<Limits.aiEnumerationMax).map {
            Playbook.Feature(name: "f\"\($0)", title: "t", description: "d", link: "/")
        }
        #expect(!AnswerSchema(large).dashboard.contains("f\\\""))
    }
}
