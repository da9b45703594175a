import Engine
import Testing

/// The confidences are worked out by hand from the formula of `NextStepModel`: k = 2, five features, so that the prior is 0.2.
@Suite("Next best actions")
struct NextBestActionsTests {
    private let now = PersonalizationFixture.now

    private func actions(_ sequences: [WorkflowSequence], recent: String) throws -> [NextBestAction] {
        var profile = PersonalizationProfile()
        profile.workflow.sequences = sequences
        profile.workflow.recent = recent.map { String($0) }
        profile.workflow.lastSeenAt = now
        return DashboardRules.nextBestActions(for: profile, playbook: try PersonalizationFixture.compiled(), now: now)
    }

    private func confidence(_ action: String, in actions: [NextBestAction]) throws -> Double {
        try #require(actions.first { $0.action == action }).confidence
    }

    private func isNear(_ value: Double, _ expected: Double) -> Bool { abs(value - expected) < 1e-9 }

    @Test func unseenUserGetsThePlaybooksOrder() throws {
        let found = try actions([], recent: "")
        #expect(found.map(\.action) == ["a", "b", "c", "d", "e"])
        #expect(found.allSatisfy { $0.confidence == 0.2 && $0.basedOn.isEmpty })
        #expect(found[0].title == "Try A" && found[0].reason == "You haven't tried A yet.")
        #expect(found[0].description == "Does a.")
    }

    @Test func confidenceShrinksWhenSeldomSeen() throws {
        for (weight, expected) in [(1.0, 1.4 / 3), (2, 2.4 / 4), (8, 8.4 / 10), (98, 98.4 / 100)] {
            let found = try actions([PersonalizationFixture.walk("ab", weight: weight)], recent: "a")
            #expect(found[0].action == "b")
            #expect(found[0].basedOn == ["a"])
            #expect(isNear(found[0].confidence, expected))
            #expect(isNear(try confidence("c", in: found), 0.4 / (weight + 2)))
        }
    }

    @Test func longestSuffixGoesFirstAndBacksOff() throws {
        let found = try actions(
            [
                PersonalizationFixture.walk("bd", weight: 10), PersonalizationFixture.walk("bc", weight: 2),
                PersonalizationFixture.walk("abc", weight: 2),
            ], recent: "ab")
        // After b: d 10, c 2 - 2 that the longer suffix has; P(d) = 10.4/12, P(c) = 0.4/12. After a, b: c 2 of 2.
        #expect(found.prefix(2).map(\.action) == ["c", "d"])
        #expect(found.prefix(2).map(\.basedOn) == [["a", "b"], ["b"]])
        #expect(found.prefix(2).map(\.reason) == ["You went on to C twice after B.", "You went on to D 10 times after B."])
        #expect(isNear(found[0].confidence, (2 + 2 * 0.4 / 12) / 4))
        #expect(isNear(found[1].confidence, 2 * 10.4 / 12 / 4))
        #expect(isNear(try confidence("e", in: found), 2 * 0.4 / 12 / 4))
    }

    @Test func oneWalkIsEvidenceOnce() throws {
        var profile = PersonalizationProfile()
        PersonalizationFixture.use("abcd", endingAt: now.adding(seconds: -7200), in: &profile)
        profile.workflow.recent = ["a", "b", "c"]
        let found = DashboardRules.nextBestActions(
            for: profile, playbook: try PersonalizationFixture.compiled(), now: now.adding(seconds: -7200))
        #expect(found[0].action == "d")
        #expect(found[0].basedOn == ["a", "b", "c"])
        #expect(found[0].reason == "You went on to D once after C.")
        #expect(isNear(found[0].confidence, 1.4 / 3))
    }

    @Test func weightsDecayUntilNow() throws {
        let old = PersonalizationFixture.walk("ab", weight: 8, lastSeenAt: PersonalizationFixture.daysAgo(30))
        #expect(isNear(try actions([old], recent: "a")[0].confidence, 4.4 / 6))
    }

    @Test func featuresOutsideThePlaybookTakeTheirShareAndAreNoAction() throws {
        let found = try actions([PersonalizationFixture.walk("ax", weight: 6), PersonalizationFixture.walk("ab", weight: 2)], recent: "a")
        #expect(found[0].action == "b")
        #expect(isNear(found[0].confidence, 2.4 / 10))
        #expect(!found.contains { $0.action == "x" })
    }

    @Test func lastStepIsNotRepeatedAndUnusedFeaturesFillUp() throws {
        var profile = PersonalizationProfile()
        PersonalizationFixture.use("ba", endingAt: now, in: &profile)
        let found = DashboardRules.nextBestActions(for: profile, playbook: try PersonalizationFixture.compiled(), now: now)
        #expect(found.map(\.action) == ["c", "d", "e", "b"])
    }

    @Test func suffixMustMatchWhole() throws {
        let walks = [PersonalizationFixture.walk("abc", weight: 9), PersonalizationFixture.walk("bd", weight: 2)]
        let found = try actions(walks, recent: "eb")
        #expect(found[0].action == "d")
        #expect(try confidence("c", in: found) == confidence("e", in: found))
    }
}
