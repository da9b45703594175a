import Engine
import Testing

@Suite("PersonalizationProfile+recording")
struct RecordingTests {
    private let now = PersonalizationFixture.now

    @Test func countsUsesWithFirstAndLastMoment() {
        var profile = PersonalizationProfile()
        profile.recordFeature("a", at: now.adding(seconds: -60), now: now.adding(seconds: -50))
        profile.recordFeature("a", at: now, now: now)
        let expected = FeatureUsage(feature: "a", count: 2, firstUsedAt: now.adding(seconds: -60), lastUsedAt: now)
        #expect(profile.features.map(\.hours.byHour) == [profile.usesByHour])
        profile.features[0].hours = FeatureHours()
        #expect(profile.features == [expected])
        #expect(profile.createdAt == now.adding(seconds: -50))
        #expect(profile.updatedAt == now)
        #expect(profile.usesByHour[15] == 1)
        #expect(profile.usesByHour[16] == 1)
    }

    @Test func countsHoursInTheUsersZone() {
        var profile = PersonalizationProfile()
        profile.setTimeZone("Asia/Kolkata", at: now)
        profile.recordFeature("a", at: now, now: now)
        #expect(profile.usesByHour[21] == 1)
        #expect(profile.usesByHour.reduce(0, +) == 1)
    }

    @Test func lateUseIsCountedAndLeavesTheVisitAlone() {
        var profile = PersonalizationProfile()
        profile.recordFeature("a", at: now, now: now)
        profile.recordFeature("b", at: now.adding(seconds: 100), now: now.adding(seconds: 100))
        let visit = profile.workflow
        profile.recordFeature("c", at: now.adding(seconds: 50), now: now.adding(seconds: 100))
        profile.recordFeature("a", at: now.adding(seconds: -86_400), now: now.adding(seconds: 100))
        #expect(profile.workflow == visit)
        #expect(profile.features.map(\.count) == [2, 1, 1])
        #expect(profile.features[0].firstUsedAt == now.adding(seconds: -86_400))
        #expect(profile.features[0].lastUsedAt == now)
        #expect(profile.usesByHour.reduce(0, +) == 4)
    }

    @Test func useAheadOfOurClockDoesNotMakeTheNextOneLate() {
        var profile = PersonalizationProfile()
        profile.recordFeature("a", at: now.adding(seconds: 299), now: now)
        profile.recordFeature("b", at: now.adding(seconds: 1), now: now.adding(seconds: 1))
        #expect(profile.workflow.recent == ["a", "b"])
        #expect(profile.features[0].lastUsedAt == now)
    }

    @Test func namesAreToldApartByBytes() {
        var profile = PersonalizationProfile()
        profile.recordFeature("caf\u{E9}", at: now, now: now)
        profile.recordFeature("cafe\u{301}", at: now, now: now)
        profile.recordContent("caf\u{E9}", success: true, at: now)
        profile.recordContent("cafe\u{301}", success: true, at: now)
        #expect(profile.features.map(\.count) == [1, 1])
        #expect(profile.content.count == 2)
        #expect(profile.workflow.recent.count == 2)
    }

    @Test func leastUsedFeatureMakesRoom() {
        var profile = PersonalizationProfile()
        for index in 0..<Limits.featuresPerProfileMax {
            let at = now.adding(seconds: Int64(index))
            profile.recordFeature("f\(index)", at: at, now: at)
            if index != 7 { profile.recordFeature("f\(index)", at: at, now: at) }
        }
        let later = now.adding(seconds: 1000)
        profile.recordFeature("new", at: later, now: later)
        #expect(profile.features.count == Limits.featuresPerProfileMax)
        #expect(profile.features.last?.feature == "new")
        #expect(!profile.features.contains { $0.feature == "f7" })
    }

    @Test func leastUsedContentMakesRoomAndScoreIsThePosteriorMean() {
        var profile = PersonalizationProfile()
        for index in 0...Limits.contentTypesPerProfileMax {
            profile.recordContent("t\(index)", success: true, at: now.adding(seconds: Int64(index)))
        }
        #expect(profile.content.count == Limits.contentTypesPerProfileMax)
        #expect(profile.content.first?.contentType == "t1")
        for success in [true, true, false] { profile.recordContent("t1", success: success, at: now) }
        #expect(profile.content[0].score == 4.0 / 6.0)
        #expect(profile.content[0].lastUsedAt == now.adding(seconds: 1))
    }

    @Test func frequentFeaturesGoByCountThenLatestThenBytes() {
        var profile = PersonalizationProfile()
        profile.features = [
            FeatureUsage(feature: "b", count: 2, firstUsedAt: now, lastUsedAt: now),
            FeatureUsage(feature: "a", count: 2, firstUsedAt: now, lastUsedAt: now),
            FeatureUsage(feature: "late", count: 2, firstUsedAt: now, lastUsedAt: now.adding(seconds: 1)),
            FeatureUsage(feature: "rare", count: 1, firstUsedAt: now, lastUsedAt: now.adding(seconds: 9)),
            FeatureUsage(feature: "most", count: 3, firstUsedAt: now, lastUsedAt: now),
        ]
        #expect(profile.frequentFeatures(limit: 100) == ["most", "late", "a", "b", "rare"])
        #expect(profile.frequentFeatures(limit: 3) == ["most", "late", "a"])
        #expect(profile.frequentFeatures(limit: 0).isEmpty)
        #expect(profile.frequentFeatures(limit: -1).isEmpty)
    }
}
