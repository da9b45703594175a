import Store

/// What navigation says over all users of a tenant.
package struct Insights: Sendable {
    package struct Page: Sendable, Equatable {
        package let page: String
        package internal(set) var views = 0
        package internal(set) var entries = 0
        /// Views after which the visit ended, or goes on to this day.
        package internal(set) var exits = 0
        /// Those of them before the visit had reached its goal.
        package internal(set) var dropOffs = 0
        /// Over the views whose time is known.
        package internal(set) var secondsMean = 0.0

        /// Of the views, how many were the last.
        package var exitRate: Double { views == 0 ? 0 : Double(exits) / Double(views) }
        /// Of the views, after how many the visit ended without its goal.
        package var dropOffRate: Double { views == 0 ? 0 : Double(dropOffs) / Double(views) }
    }

    package struct Navigation: Sendable, Equatable {
        package internal(set) var sessions = 0
        package internal(set) var pageViews = 0
        package internal(set) var returnVisits = 0
        package internal(set) var seconds = 0.0
        package internal(set) var pages: [Page] = []

        package var pagesPerSession: Double { sessions == 0 ? 0 : Double(pageViews) / Double(sessions) }
        package var secondsPerSession: Double { sessions == 0 ? 0 : seconds / Double(sessions) }
        package var returnVisitShare: Double { sessions == 0 ? 0 : Double(returnVisits) / Double(sessions) }
    }

    package struct Journey: Sendable, Equatable {
        package let pages: [String]
        package let sessions: Int
    }

    package init() {}

    /// - Parameter days: how many UTC days, today's included.
    package func navigation(_ scope: Scope, days: Int) async throws(EngineError) -> Navigation {
        try scope.authorize(.readInsights)
        let views = try await sums(scope, .page, days: days)
        let steps = try await sums(scope, .step, days: days)
        var navigation = Navigation()
        var pages: [[UInt8]: Page] = [:]
        var dwell: [[UInt8]: (seconds: Double, count: Int)] = [:]
        for (names, sum) in views {
            navigation.sessions += sum.entries
            navigation.returnVisits += sum.returnEntries
            navigation.pageViews += sum.count
            // What found no place of its own has no name.
            let seconds = Double(sum.dwellMilliseconds) / 1000
            navigation.seconds += seconds
            guard let name = names.first else { continue }
            let bytes = Array(name.utf8)
            pages[bytes] = Page(
                page: name, views: sum.count, entries: sum.entries, exits: sum.count, dropOffs: sum.count - sum.behindGoal)
            dwell[bytes] = (seconds, sum.timed)
        }
        for (names, sum) in steps {
            let seconds = Double(sum.dwellMilliseconds) / 1000
            navigation.seconds += seconds
            guard let from = names.first.map({ Array($0.utf8) }) else { continue }
            pages[from]?.exits -= sum.count
            pages[from]?.dropOffs -= sum.count - sum.behindGoal
            dwell[from, default: (0, 0)].seconds += seconds
            dwell[from, default: (0, 0)].count += sum.count - sum.timed
        }
        for (page, stay) in dwell where stay.count > 0 { pages[page]?.secondsMean = stay.seconds / Double(stay.count) }
        navigation.pages = pages.values.map { page in
            var page = page
            page.exits = max(0, page.exits)
            page.dropOffs = max(0, page.dropOffs)
            return page
        }
        .sorted { $0.views != $1.views ? $0.views > $1.views : $0.page.utf8.lexicographicallyPrecedes($1.page.utf8) }
        return navigation
    }

    /// The ways that visits begin with, the most frequent first.
    package func journeys(_ scope: Scope, days: Int, limit: Int) async throws(EngineError) -> [Journey] {
        try scope.authorize(.readInsights)
        return try await sums(scope, .journey, days: days)
            .compactMap { $0.isEmpty ? nil : Journey(pages: $0, sessions: $1.count) }
            .sorted { one, other in
                if one.sessions != other.sessions { return one.sessions > other.sessions }
                if one.pages.count != other.pages.count { return one.pages.count > other.pages.count }
                return one.pages.joined(separator: "\n").utf8.lexicographicallyPrecedes(other.pages.joined(separator: "\n").utf8)
            }
            .prefix(limit).map(\.self)
    }

    private func sums(
        _ scope: Scope, _ kind: NavigationCount.Kind, days: Int
    ) async throws(EngineError) -> [(pages: [String], sum: NavigationCount)] {
        let first = scope.now.utcDay - Int64(days) + 1
        var sums: [[[UInt8]]: NavigationCount] = [:]
        var last: String?
        // Newest day first: it ends with the first day that is too old.
        let end = "\(kind.rawValue)#" + Keyspace.dayName(first - 1)
        while true {
            let page = try await scope.tenant.table.page(
                in: Keyspace.partition(.navigation), prefix: "\(kind.rawValue)#", after: last, limit: StoreLimits.itemsPerQueryMax,
                now: scope.now)
            for item in page {
                guard item.sort.lexicographicallyPrecedes(Array(end.utf8)) else { return sums.map { ($1.pages, $1) } }
                for count in try NavigationSlotRecord(stored: item.item.payload).counts {
                    sums[count.pages.map { Array($0.utf8) }, default: NavigationCount(kind: kind, pages: count.pages, count: 0)].add(count)
                }
            }
            guard let final = page.last, page.count == StoreLimits.itemsPerQueryMax else { return sums.map { ($1.pages, $1) } }
            last = String(decoding: final.sort, as: UTF8.self)
        }
    }
}

extension NavigationCount {
    fileprivate mutating func add(_ record: NavigationCountRecord) {
        count += Int(record.count)
        entries += Int(record.entries)
        returnEntries += Int(record.returnEntries)
        dwellMilliseconds += Int64(record.dwellMilliseconds)
        timed += Int(record.timed)
        behindGoal += Int(record.behindGoal)
    }
}
