import SwiftProtobuf

/// The stored form of a day.
extension DayBucket {
    init(_ record: DayRecord) {
        self.init(day: record.day)
        events = record.events
        weekendEvents = record.weekendEvents
        if record.byType.count == byType.count { byType = record.byType }
        if record.byHour.count == byHour.count { byHour = record.byHour }
        if record.byWeekday.count == byWeekday.count { byWeekday = record.byWeekday }
        products.digests = record.products
        groups.digests = record.groups
        categories = CategoryCounts(record.categories)
        attention = PageAttention(
            dwellMilliseconds: record.dwellMilliseconds, scrollPercentMax: record.scrollPercentMax, outboundClicks: record.outboundClicks)
        lastAt = Timestamp(milliseconds: record.lastAt)
    }

    var record: DayRecord {
        DayRecord.with { record in
            record.day = day
            record.events = events
            record.weekendEvents = weekendEvents
            record.byType = byType
            record.byHour = byHour
            record.byWeekday = byWeekday
            record.products = products.digests
            record.groups = groups.digests
            record.categories = categories.records
            record.dwellMilliseconds = attention.dwellMilliseconds
            record.scrollPercentMax = attention.scrollPercentMax
            record.outboundClicks = attention.outboundClicks
            record.lastAt = lastAt.milliseconds
        }
    }
}

extension CategoryCounts {
    init(_ records: [CategoryDayRecord]) {
        entries = records.map { Entry(name: $0.name, events: $0.events, doubledWeight: Int($0.doubledWeight)) }
    }

    var records: [CategoryDayRecord] {
        entries.map { entry in
            CategoryDayRecord.with {
                $0.name = entry.name
                $0.events = entry.events
                $0.doubledWeight = Int64(entry.doubledWeight)
            }
        }
    }
}
