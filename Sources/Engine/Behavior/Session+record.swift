import SwiftProtobuf

/// The stored form of a session.
extension Session {
    init(_ record: SessionRecord) {
        self.init(
            name: record.name, clientID: record.clientID.isEmpty ? nil : record.clientID,
            startedAt: Timestamp(milliseconds: record.startedAt), isReturn: record.isReturn)
        lastAt = Timestamp(milliseconds: record.lastAt)
        events = record.events
        pages = record.pages
        if record.byType.count == byType.count { byType = record.byType }
        products = zip(record.products, record.productViews).map { ProductViews(product: $0, views: $1) }
        categories = CategoryCounts(record.categories)
        attention = PageAttention(
            dwellMilliseconds: record.dwellMilliseconds, scrollPercentMax: record.scrollPercentMax, outboundClicks: record.outboundClicks)
        path = record.hasVisitedPath ? record.visitedPath.pagesInOrder : record.path.map { VisitedPage($0) }
    }

    var record: SessionRecord {
        SessionRecord.with { record in
            record.name = name
            record.clientID = clientID ?? ""
            record.startedAt = startedAt.milliseconds
            record.lastAt = lastAt.milliseconds
            record.events = events
            record.pages = pages
            record.byType = byType
            record.products = products.map(\.product)
            record.productViews = products.map(\.views)
            record.categories = categories.records
            if !path.isEmpty { record.visitedPath = VisitedPathRecord(path) }
            record.isReturn = isReturn
            record.dwellMilliseconds = attention.dwellMilliseconds
            record.scrollPercentMax = attention.scrollPercentMax
            record.outboundClicks = attention.outboundClicks
        }
    }
}

extension VisitedPage {
    fileprivate init(_ record: VisitedPageRecord) {
        self.init(page: record.page, at: Timestamp(milliseconds: record.at))
        dwellMilliseconds = record.dwellMilliseconds
        actedAfterMilliseconds = record.actedAfterMilliseconds
        isBehindGoal = record.isBehindGoal
    }

    /// From the view to `actedAt`; 0: there is none.
    fileprivate var actedAfterMilliseconds: UInt64 {
        get { actedAt.map { UInt64(clamping: $0.milliseconds - at.milliseconds) } ?? 0 }
        set { actedAt = newValue > 0 ? Timestamp(milliseconds: at.milliseconds &+ Int64(clamping: newValue)) : nil }
    }
}

extension VisitedPathRecord {
    fileprivate init(_ path: [VisitedPage]) {
        var places: [String: UInt32] = [:]
        var (names, pages, moments): ([String], [UInt32], [Int64]) = ([], [], [])
        pages.reserveCapacity(path.count)
        moments.reserveCapacity(path.count)
        var before: Int64 = 0
        for visited in path {
            let place = places[visited.page] ?? UInt32(names.count)
            if place == names.count {
                places[visited.page] = place
                names.append(visited.page)
            }
            pages.append(place)
            moments.append(visited.at.milliseconds - before)
            before = visited.at.milliseconds
        }
        self.init()
        (self.names, self.pages, self.moments) = (names, pages, moments)
        if path.contains(where: { $0.dwellMilliseconds > 0 }) { dwellMilliseconds = path.map(\.dwellMilliseconds) }
        if path.contains(where: { $0.actedAt != nil }) { actedAfterMilliseconds = path.map(\.actedAfterMilliseconds) }
        pagesBehindGoal = UInt32(path.count { $0.isBehindGoal })
    }

    fileprivate var pagesInOrder: [VisitedPage] {
        let (names, pages, moments) = (names, pages, moments)
        let (dwell, acted, firstBehindGoal) = (dwellMilliseconds, actedAfterMilliseconds, pages.count - Int(pagesBehindGoal))
        var path: [VisitedPage] = []
        path.reserveCapacity(pages.count)
        var at: Int64 = 0
        for (place, (page, moment)) in zip(pages, moments).enumerated() where page < names.count {
            at &+= moment
            var visited = VisitedPage(page: names[Int(page)], at: Timestamp(milliseconds: at))
            if place < dwell.count { visited.dwellMilliseconds = dwell[place] }
            if place < acted.count { visited.actedAfterMilliseconds = acted[place] }
            visited.isBehindGoal = place >= firstBehindGoal
            path.append(visited)
        }
        return path
    }
}
