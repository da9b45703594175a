/// What a user did on one UTC day, counted so that any window of days can be put together without the events.
///
/// All of it is whole numbers and sets: the order in which events come leaves no trace.
package struct DayBucket: Sendable, Equatable {
    package let day: Int64
    package internal(set) var events: UInt32 = 0
    package internal(set) var weekendEvents: UInt32 = 0
    /// By `InteractionType.rawValue`.
    package internal(set) var byType = [UInt32](repeating: 0, count: InteractionType.allCases.count)
    package internal(set) var byHour = [UInt32](repeating: 0, count: 24)
    package internal(set) var byWeekday = [UInt32](repeating: 0, count: 7)
    package internal(set) var products = DigestSet()
    package internal(set) var groups = DigestSet()
    package internal(set) var categories = CategoryCounts()
    package internal(set) var attention = PageAttention()
    package internal(set) var lastAt = Timestamp(milliseconds: .min)

    package init(day: Int64) {
        self.day = day
    }

    package mutating func count(_ event: CountedEvent) {
        attention.add(event.attention)
        guard !event.isMeasurement else { return }
        events += 1
        if event.local.isWeekend { weekendEvents += 1 }
        byHour[event.local.hour] += 1
        byWeekday[event.local.weekday] += 1
        if let type = event.type { byType[type.rawValue] += 1 }
        if let product = event.product { products.insert(product) }
        if let group = event.group { groups.insert(group) }
        if let category = event.category { categories.count(category, doubledWeight: event.type?.doubledWeight ?? 0) }
        lastAt = max(lastAt, event.at)
    }
}

/// A set of keyed digests, bounded; sorted, so that equal sets are equal bytes.
package struct DigestSet: Sendable, Equatable {
    package internal(set) var digests: [UInt64] = []

    package init() {}

    package mutating func insert(_ digest: UInt64) {
        var (low, high) = (0, digests.count)
        while low < high {
            let middle = (low + high) / 2
            if digests[middle] < digest { low = middle + 1 } else { high = middle }
        }
        if low < digests.count, digests[low] == digest { return }
        if digests.count < Limits.distinctPerDayMax { digests.insert(digest, at: low) }
    }
}

/// Events and weights by category, bounded; sorted by the bytes of the names.
package struct CategoryCounts: Sendable, Equatable {
    package struct Entry: Sendable, Equatable {
        package let name: String
        package internal(set) var events: UInt32
        package internal(set) var doubledWeight: Int
    }

    package internal(set) var entries: [Entry] = []

    package init() {}

    package mutating func count(_ name: String, events: UInt32 = 1, doubledWeight: Int) {
        let place = entries.firstIndex { !$0.name.utf8.lexicographicallyPrecedes(name.utf8) } ?? entries.count
        if place < entries.count, entries[place].name.hasSameBytes(as: name) {
            entries[place].events += events
            entries[place].doubledWeight += doubledWeight
        } else if entries.count < Limits.categoriesPerDayMax {
            entries.insert(Entry(name: name, events: events, doubledWeight: doubledWeight), at: place)
        }
    }
}
