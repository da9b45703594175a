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
        path = record.path.map { VisitedPage($0) }
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
            record.path = path.map(\.record)
            record.isReturn = isReturn
            record.dwellMilliseconds = attention.dwellMilliseconds
            record.scrollPercentMax = attention.scrollPercentMax
            record.outboundClicks = attention.outboundClicks
        }
    }
}

extension VisitedPage {
    init(_ record: VisitedPageRecord) {
        self.init(page: record.page, at: Timestamp(milliseconds: record.at))
        dwellMilliseconds = record.dwellMilliseconds
        if record.actedAfterMilliseconds > 0 {
            actedAt = Timestamp(milliseconds: record.at &+ Int64(clamping: record.actedAfterMilliseconds))
        }
        isBehindGoal = record.isBehindGoal
    }

    var record: VisitedPageRecord {
        VisitedPageRecord.with { record in
            record.page = page
            record.at = at.milliseconds
            record.dwellMilliseconds = dwellMilliseconds
            if let actedAt { record.actedAfterMilliseconds = UInt64(clamping: actedAt.milliseconds - at.milliseconds) }
            record.isBehindGoal = isBehindGoal
        }
    }
}
