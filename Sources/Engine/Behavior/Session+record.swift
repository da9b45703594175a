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
        path = record.path.map { VisitedPage(page: $0.page, at: Timestamp(milliseconds: $0.at)) }
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
            record.path = path.map { visited in
                VisitedPageRecord.with {
                    $0.page = visited.page
                    $0.at = visited.at.milliseconds
                }
            }
            record.isReturn = isReturn
            record.dwellMilliseconds = attention.dwellMilliseconds
            record.scrollPercentMax = attention.scrollPercentMax
            record.outboundClicks = attention.outboundClicks
        }
    }
}
