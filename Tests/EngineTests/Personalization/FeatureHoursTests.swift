import Testing

@testable import Engine

@Suite("FeatureHours")
struct FeatureHoursTests {
    @Test func usesAndDaysAreCountedByHour() {
        var hours = FeatureHours()
        #expect(hours.byHour == [UInt64](repeating: 0, count: 24) && hours.uses == 0)
        for (hour, day) in [(9, 100), (9, 100), (23, 100), (9, 101), (0, 102), (9, 102)] { hours.count(hour: hour, day: day) }
        #expect(hours.uses(at: 9) == 4 && hours.days(at: 9) == 3)
        #expect(hours.uses(at: 23) == 1 && hours.days(at: 0) == 1 && hours.days(at: 12) == 0)
        #expect(hours.byHour[9] == 4 && hours.byHour.reduce(0, +) == 6 && hours.uses == 6)
    }

    @Test func aLateUseOfAnEarlierDayIsNoNewDay() {
        var hours = FeatureHours()
        for day in [100, 102, 101, 100] { hours.count(hour: 9, day: day) }
        #expect(hours.uses(at: 9) == 4 && hours.days(at: 9) == 2)
    }

    @Test func whatIsStoredIsReadAndNothingElse() {
        var hours = FeatureHours()
        for hour in 0..<24 { hours.count(hour: hour, day: 20_000) }
        #expect(FeatureHours(stored: hours.numbers) == hours)
        for broken: [UInt32] in [[9], [9, 1, 1], [24, 1, 1, 1], [9, 1, 1, 1, 9, 1, 1, 1]] {
            #expect(FeatureHours(stored: broken) == FeatureHours())
        }
    }

    @Test func recordsAndDocumentsKeepThemAndOlderOnesHaveNone() throws {
        var profile = PersonalizationProfile()
        profile.setTimeZone("Asia/Tokyo", at: PersonalizationFixture.now)
        for day in [40.0, 39, 3] { PersonalizationFixture.use("abc", endingAt: PersonalizationFixture.daysAgo(day), in: &profile) }
        profile.touch(at: PersonalizationFixture.now)
        #expect(profile.features[0].hours.byHour[0] == 3, "15:58 in UTC is 0:58 in Tokyo")
        #expect(PersonalizationProfile(profile.record) == profile)
        var older = profile.record
        for index in older.features.indices { older.features[index].hours = [] }
        #expect(PersonalizationProfile(older).features.allSatisfy { $0.hours == FeatureHours() && $0.count == 3 })
        let document = PersonalizationDocument(profile)
        #expect(document.featureUsage[0].byHour?[0] == 3)
        #expect(document.sequences.allSatisfy { $0.count == 3 && $0.weight < 3 })
        let read = PersonalizationProfile(document)
        #expect(read.features == profile.features)
        for (one, other) in zip(read.workflow.sequences, profile.workflow.sequences) {
            #expect(abs(one.weight - other.weight) < 1e-9 && one.occurrences == other.occurrences)
        }
    }
}
