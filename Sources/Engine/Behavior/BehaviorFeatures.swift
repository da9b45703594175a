import Glibc

/// The 22 features of a user over a window of UTC days that ends with the day of the request.
///
/// Everything is put together from whole numbers and turned into fractions once, at the end, so that features kept day by day are those
/// of a recount from the events, to the last bit.
package struct BehaviorFeatures: Sendable, Equatable {
    package internal(set) var totalEvents = 0
    package internal(set) var uniqueProducts = 0
    package internal(set) var uniqueGroups = 0
    package internal(set) var eventsPerDay = 0.0
    package internal(set) var purchases = 0
    package internal(set) var cartAdds = 0
    package internal(set) var productViews = 0
    package internal(set) var groupViews = 0
    package internal(set) var groupJoins = 0
    package internal(set) var searches = 0
    package internal(set) var viewToClickRate = 0.0
    package internal(set) var clickToJoinRate = 0.0
    package internal(set) var joinToPurchaseRate = 0.0
    package internal(set) var overallConversionRate = 0.0
    /// nil without events.
    package internal(set) var peakActivityHour: Int?
    /// 0: Monday; nil without events.
    package internal(set) var peakActivityDay: Int?
    package internal(set) var isWeekendShopper = false
    package internal(set) var categoryDiversity = 0.0
    package internal(set) var categoriesExplored = 0
    /// nil without events.
    package internal(set) var daysSinceLastEvent: Double?
    package internal(set) var recencyScore = 0.0
    package internal(set) var engagementScore = 0.0

    /// - Parameter days: in any order, each day once; those outside of the window are left out.
    package init(_ days: [DayBucket], now: Timestamp, windowDays: Int = Limits.featureWindowDays) {
        let window = days.filter { Self.covers($0.day, now: now, windowDays: windowDays) && $0.events > 0 }
        totalEvents = window.reduce(0) { $0 + Int($1.events) }
        eventsPerDay = Double(totalEvents) / Double(windowDays)
        uniqueProducts = Self.distinct(window.map(\.products))
        uniqueGroups = Self.distinct(window.map(\.groups))
        countTypes(window)
        findPeaks(window)
        countCategories(window)
        guard let lastAt = window.map(\.lastAt).max() else { return }
        let days = max(0, now.days(since: lastAt))
        daysSinceLastEvent = days
        recencyScore = exp2(-days / Limits.recencyHalfLifeDays)
    }

    /// Whether a day lies in the window that ends with today.
    static func covers(_ day: Int64, now: Timestamp, windowDays: Int = Limits.featureWindowDays) -> Bool {
        day <= now.utcDay && day > now.utcDay - Int64(windowDays)
    }

    private mutating func countTypes(_ window: [DayBucket]) {
        var counts = [Int](repeating: 0, count: InteractionType.allCases.count)
        for day in window {
            for type in counts.indices { counts[type] += Int(day.byType[type]) }
        }
        func count(_ type: InteractionType) -> Int { counts[type.rawValue] }
        purchases = count(.purchaseCompleted)
        cartAdds = count(.addToCart)
        productViews = count(.productView)
        groupViews = count(.groupView)
        groupJoins = count(.groupJoinComplete)
        searches = count(.productSearch)
        let (views, clicks) = (productViews + groupViews, count(.groupJoinClick))
        viewToClickRate = Self.rate(clicks, of: views)
        clickToJoinRate = Self.rate(groupJoins, of: clicks)
        joinToPurchaseRate = Self.rate(purchases, of: groupJoins)
        overallConversionRate = Self.rate(purchases, of: views)
        let doubledWeight = InteractionType.allCases.reduce(0) { $0 + count($1) * $1.doubledWeight }
        engagementScore = 1 - exp(-max(0, Double(doubledWeight) / 2) / 100)
    }

    private mutating func findPeaks(_ window: [DayBucket]) {
        guard totalEvents > 0 else { return }
        peakActivityHour = Self.peak(window.map(\.byHour), count: 24)
        peakActivityDay = Self.peak(window.map(\.byWeekday), count: 7)
        isWeekendShopper = window.reduce(0) { $0 + Int($1.weekendEvents) } * 2 > totalEvents
    }

    private mutating func countCategories(_ window: [DayBucket]) {
        var counts: [[UInt8]: Int] = [:]
        for entry in window.flatMap(\.categories.entries) { counts[Array(entry.name.utf8), default: 0] += Int(entry.events) }
        categoriesExplored = counts.count
        guard counts.count >= 2 else { return }
        let total = Double(counts.values.reduce(0, +))
        // In the order of the counts, which is the same whatever the categories are called.
        let entropy = counts.values.sorted().reduce(0.0) { $0 - Double($1) / total * log(Double($1) / total) }
        categoryDiversity = min(1, entropy / log(Double(counts.count)))
    }

    private static func rate(_ part: Int, of whole: Int) -> Double {
        whole == 0 ? 0 : min(1, Double(part) / Double(whole))
    }

    private static func distinct(_ sets: [DigestSet]) -> Int {
        sets.count == 1 ? sets[0].digests.count : Set(sets.flatMap(\.digests)).count
    }

    /// The place with the most, the first on a tie.
    private static func peak(_ days: [[UInt32]], count: Int) -> Int {
        var sums = [Int](repeating: 0, count: count)
        for day in days {
            for place in 0..<count { sums[place] += Int(day[place]) }
        }
        return sums.indices.max { sums[$0] < sums[$1] || sums[$0] == sums[$1] && $0 > $1 } ?? 0
    }
}
