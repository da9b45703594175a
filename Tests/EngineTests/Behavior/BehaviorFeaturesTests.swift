import Engine
import Foundation
import Testing

/// The 22 features kept day by day against a recount from the events by their definitions.
@Suite struct BehaviorFeaturesTests {
    private static let zones = ["UTC", "Europe/Paris", "Asia/Kolkata", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago"]

    private struct Sample {
        let at: Timestamp
        let zone: String
        let type: InteractionType?
        let product: UInt64?
        let group: UInt64?
        let category: String?

        var counted: CountedEvent {
            CountedEvent(at: at, local: LocalTime(at, in: zone), type: type, product: product, group: group, category: category)
        }
    }

    private func samples(_ count: Int, now: Timestamp, using numbers: inout SeededNumbers) -> [Sample] {
        (0..<count).map { _ in
            // Up to 33 days back and two minutes ahead, many of them near midnight.
            var at = now.milliseconds - Int64.random(in: -120_000...(33 * 86_400_000), using: &numbers)
            if Bool.random(using: &numbers) { at = at / 86_400_000 * 86_400_000 + Int64.random(in: -2...2, using: &numbers) }
            return Sample(
                at: Timestamp(milliseconds: at), zone: Self.zones.randomElement(using: &numbers) ?? "UTC",
                type: Bool.random(using: &numbers) ? InteractionType.allCases.randomElement(using: &numbers) : nil,
                product: Bool.random(using: &numbers) ? UInt64.random(in: 0...30, using: &numbers) : nil,
                group: Bool.random(using: &numbers) ? UInt64.random(in: 0...5, using: &numbers) : nil,
                category: Bool.random(using: &numbers) ? "c\(Int.random(in: 0...4, using: &numbers))" : nil)
        }
    }

    /// By the definitions, from the events, with Foundation's calendar.
    private func recount(_ samples: [Sample], now: Timestamp) -> [String: Double?] {
        let today = Int64((Double(now.milliseconds) / 86_400_000).rounded(.down))
        let events = samples.filter { sample in
            let day = Int64((Double(sample.at.milliseconds) / 86_400_000).rounded(.down))
            return day <= today && day >= today - 29
        }
        func count(_ type: InteractionType) -> Double { Double(events.count { $0.type == type }) }
        func rate(_ part: Double, _ whole: Double) -> Double { whole == 0 ? 0 : min(1, part / whole) }
        func peak(_ values: [Int]) -> Double? {
            Dictionary(grouping: values, by: \.self).min { ($1.value.count, $0.key) < ($0.value.count, $1.key) }.map { Double($0.key) }
        }
        let local = events.map { sample -> DateComponents in
            var calendar = Calendar(identifier: .gregorian)
            calendar.timeZone = TimeZone(identifier: sample.zone) ?? .gmt
            return calendar.dateComponents([.hour, .weekday], from: Date(timeIntervalSince1970: Double(sample.at.milliseconds) / 1000))
        }
        let weekdays = local.map { (($0.weekday ?? 1) + 5) % 7 }
        let views = count(.productView) + count(.groupView)
        let categories = Dictionary(grouping: events.compactMap(\.category), by: \.self).mapValues { Double($0.count) }
        let total = categories.values.reduce(0, +)
        let entropy = categories.values.sorted().reduce(0.0) { $0 - $1 / total * log($1 / total) }
        let lastAt = events.map(\.at).max()
        let days = lastAt.map { max(0, Double(now.milliseconds - $0.milliseconds) / 1000 / 86_400) }
        let weights = events.compactMap(\.type?.weight).reduce(0, +)
        return [
            "total": Double(events.count), "products": Double(Set(events.compactMap(\.product)).count),
            "groups": Double(Set(events.compactMap(\.group)).count), "perDay": Double(events.count) / 30,
            "purchases": count(.purchaseCompleted), "cartAdds": count(.addToCart), "productViews": count(.productView),
            "groupViews": count(.groupView), "groupJoins": count(.groupJoinComplete), "searches": count(.productSearch),
            "viewToClick": rate(count(.groupJoinClick), views), "clickToJoin": rate(count(.groupJoinComplete), count(.groupJoinClick)),
            "joinToPurchase": rate(count(.purchaseCompleted), count(.groupJoinComplete)),
            "conversion": rate(count(.purchaseCompleted), views), "hour": peak(local.compactMap(\.hour)), "day": peak(weekdays),
            "weekend": Double(weekdays.count { $0 >= 5 }) > Double(events.count) / 2 ? 1 : 0,
            "diversity": categories.count < 2 ? 0 : min(1, entropy / log(Double(categories.count))),
            "categories": Double(categories.count), "days": days, "recency": days.map { exp2(-$0 / 7) } ?? 0,
            "engagement": 1 - exp(-max(0, weights) / 100),
        ]
    }

    private func named(_ features: BehaviorFeatures) -> [String: Double?] {
        [
            "total": Double(features.totalEvents), "products": Double(features.uniqueProducts), "groups": Double(features.uniqueGroups),
            "perDay": features.eventsPerDay, "purchases": Double(features.purchases), "cartAdds": Double(features.cartAdds),
            "productViews": Double(features.productViews), "groupViews": Double(features.groupViews),
            "groupJoins": Double(features.groupJoins), "searches": Double(features.searches), "viewToClick": features.viewToClickRate,
            "clickToJoin": features.clickToJoinRate, "joinToPurchase": features.joinToPurchaseRate,
            "conversion": features.overallConversionRate, "hour": features.peakActivityHour.map { Double($0) },
            "day": features.peakActivityDay.map { Double($0) }, "weekend": features.isWeekendShopper ? 1 : 0,
            "diversity": features.categoryDiversity, "categories": Double(features.categoriesExplored),
            "days": features.daysSinceLastEvent, "recency": features.recencyScore, "engagement": features.engagementScore,
        ]
    }

    @Test("are those of a recount, to the last bit, in whatever order the events come", arguments: 0..<60 as Range<UInt64>)
    func recounted(seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        let now = Timestamp(milliseconds: 1_764_000_000_000 + Int64.random(in: 0...(7 * 86_400_000), using: &numbers))
        let samples = samples(Int.random(in: 0...200, using: &numbers), now: now, using: &numbers)
        var days: [Int64: DayBucket] = [:]
        for sample in samples.shuffled(using: &numbers) {
            days[sample.at.utcDay, default: DayBucket(day: sample.at.utcDay)].count(sample.counted)
        }
        let features = named(BehaviorFeatures(Array(days.values), now: now))
        let expected = recount(samples, now: now)
        #expect(features.count == 22)
        for (name, value) in expected { #expect(features[name] == value, "\(name)") }
    }

    @Test func ofNobodyAreZeros() {
        let features = named(BehaviorFeatures([], now: PersonalizationFixture.now))
        #expect(features.filter { $0.value != 0 }.keys.sorted() == ["day", "days", "hour"])
        #expect(["day", "days", "hour"].allSatisfy { features[$0] == .some(nil) })
    }

    @Test("the window is the UTC day of the request and the 29 before")
    func window() {
        let midnight = Timestamp(seconds: 20_000 * 86_400)
        func total(at now: Timestamp, eventAt: Timestamp) -> Int {
            var day = DayBucket(day: eventAt.utcDay)
            day.count(CountedEvent(at: eventAt, local: LocalTime(eventAt, in: "UTC")))
            return BehaviorFeatures([day], now: now).totalEvents
        }
        let first = midnight.adding(seconds: -29 * 86_400)
        #expect(total(at: midnight, eventAt: first) == 1)
        #expect(total(at: midnight, eventAt: Timestamp(milliseconds: first.milliseconds - 1)) == 0)
        #expect(total(at: midnight.adding(seconds: 86_399), eventAt: first) == 1)
        #expect(total(at: midnight, eventAt: midnight.adding(seconds: 100)) == 1)
    }
}
