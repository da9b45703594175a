import Engine
import Testing

@Suite("WorkflowPatterns")
struct WorkflowPatternsTests {
    private let now = PersonalizationFixture.now

    private func walks(_ profile: PersonalizationProfile) -> Set<String> {
        Set(profile.workflow.sequences.map { $0.features.joined() })
    }

    @Test func countsEverySequenceOfTwoToFour() {
        var profile = PersonalizationProfile()
        PersonalizationFixture.use("abcde", endingAt: now, in: &profile)
        #expect(walks(profile) == ["ab", "bc", "abc", "cd", "bcd", "abcd", "de", "cde", "bcde"])
        #expect(profile.workflow.recent == ["b", "c", "d", "e"])
        #expect(profile.workflow.commonSequences(at: now).isEmpty)
    }

    @Test func repeatsInARowCountOnce() {
        var profile = PersonalizationProfile()
        PersonalizationFixture.use("aabbba", endingAt: now, in: &profile)
        #expect(walks(profile) == ["ab", "ba", "aba"])
        #expect(profile.workflow.sequences.allSatisfy { $0.occurrences == 1 })
    }

    @Test(arguments: [(1_799_999, ["ab"]), (1_800_000, []), (1_800_001, [])] as [(Int64, [String])])
    func visitEndsAtThirtyMinutesOfSilence(silenceMilliseconds: Int64, expected: [String]) {
        var profile = PersonalizationProfile()
        profile.recordFeature("a", at: now, now: now)
        let later = Timestamp(milliseconds: now.milliseconds + silenceMilliseconds)
        profile.recordFeature("b", at: later, now: later)
        #expect(walks(profile) == Set(expected))
    }

    @Test func repeatsKeepTheVisitAlive() {
        var profile = PersonalizationProfile()
        for minutes in [0, 20, 40] as [Int64] {
            profile.recordFeature("a", at: now.adding(seconds: minutes * 60), now: now.adding(seconds: minutes * 60))
        }
        profile.recordFeature("b", at: now.adding(seconds: 60 * 60), now: now.adding(seconds: 60 * 60))
        #expect(walks(profile) == ["ab"])
    }

    @Test func weightHalvesInThirtyDays() throws {
        var profile = PersonalizationProfile()
        PersonalizationFixture.use("ab", endingAt: PersonalizationFixture.daysAgo(30), in: &profile)
        PersonalizationFixture.use("ab", endingAt: now, in: &profile)
        let walk = try #require(profile.workflow.sequences.first)
        #expect(walk.occurrences == 2)
        #expect(walk.weight == 1.5)
        #expect(walk.weight(at: now.adding(seconds: 60 * 86_400)) == 0.375)
        #expect(abs(walk.weight(at: now.adding(seconds: 15 * 86_400)) - 1.5 * 0.5.squareRoot()) < 1e-12)
        #expect(walk.weight(at: now.adding(seconds: -86_400)) == 1.5)
    }

    @Test func isCommonFromTheSecondTimeHeaviestFirst() {
        var profile = PersonalizationProfile()
        for day in [90.0, 89, 88] { PersonalizationFixture.use("ab", endingAt: PersonalizationFixture.daysAgo(day), in: &profile) }
        for day in [2.0, 1] { PersonalizationFixture.use("cd", endingAt: PersonalizationFixture.daysAgo(day), in: &profile) }
        PersonalizationFixture.use("de", endingAt: now, in: &profile)
        #expect(profile.workflow.commonSequences(at: now).map(\.features) == [["c", "d"], ["a", "b"]])
    }

    @Test func leastWeightMakesRoomAndNewWalksStay() {
        var profile = PersonalizationProfile()
        profile.workflow.sequences = (0..<Limits.sequencesPerProfileMax).map { index in
            WorkflowSequence(features: ["x\(index)", "y"], occurrences: 9, weight: 9, lastSeenAt: now.adding(seconds: -60))
        }
        // Seen long ago: 9 · 2^(-300/30) is less than the 2 of its neighbour.
        profile.workflow.sequences[5].lastSeenAt = PersonalizationFixture.daysAgo(300)
        profile.workflow.sequences[6].weight = 2
        PersonalizationFixture.use("ab", endingAt: now, in: &profile)
        #expect(profile.workflow.sequences.count == Limits.sequencesPerProfileMax)
        #expect(walks(profile).contains("ab"))
        #expect(!walks(profile).contains("x5y"))
        #expect(walks(profile).contains("x6y"))
        PersonalizationFixture.use("ab", endingAt: now.adding(seconds: 7200), in: &profile)
        #expect(profile.workflow.commonSequences(at: now).contains { $0.features == ["a", "b"] })
    }

    @Test func walksThatEndTogetherDoNotPushEachOtherOut() {
        var profile = PersonalizationProfile()
        profile.workflow.sequences = (0..<Limits.sequencesPerProfileMax).map { index in
            WorkflowSequence(features: ["x\(index)", "y"], occurrences: 9, weight: 9, lastSeenAt: now.adding(seconds: -600))
        }
        PersonalizationFixture.use("abcd", endingAt: now, in: &profile)
        #expect(walks(profile).isSuperset(of: ["cd", "bcd", "abcd"]))
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func boundsHoldForAnyHistory(seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        var profile = PersonalizationProfile()
        for step in 0..<2000 {
            let moment = now.adding(seconds: Int64(step * 60) + Int64.random(in: -4000...4000, using: &numbers))
            profile.recordFeature("f\(Int.random(in: 0..<40, using: &numbers))", at: moment, now: now.adding(seconds: Int64(step * 60)))
        }
        let patterns = profile.workflow
        #expect(patterns.sequences.count <= Limits.sequencesPerProfileMax)
        #expect(patterns.recent.count <= Limits.sequenceLengthMax)
        #expect(Set(patterns.sequences.map(\.features)).count == patterns.sequences.count)
        #expect(patterns.sequences.allSatisfy { (2...4).contains($0.features.count) && $0.weight <= Double($0.occurrences) })
        #expect(patterns.sequences.allSatisfy { walk in zip(walk.features, walk.features.dropFirst()).allSatisfy { $0 != $1 } })
        #expect(profile.features.reduce(0) { $0 + $1.count } == 2000)
        #expect(profile.usesByHour.reduce(0, +) == 2000)
    }
}
