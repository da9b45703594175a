import SwiftProtobuf

/// Adds what users' visits count to the sums of their tenant.
enum NavigationSums {
    static func apply(
        _ changes: [NavigationChange], to draft: inout IntakeDraft, retentionDays: Int
    ) throws(IntakeDraft.Interruption) {
        guard !changes.isEmpty else { return }
        // A visit goes to the same pages again: each item is read and written once.
        var items = KeyList()
        let places = changes.map { items.add(key(of: $0.count, day: $0.day)) }
        try draft.require(items.keys)
        guard draft.isForReal else { return }
        var slots: [(record: NavigationSlotRecord, day: Int64)] = []
        for (place, change) in zip(places, changes) {
            if place == slots.count {
                slots.append((try draft.get(items.keys[place], as: NavigationSlotRecord.self) ?? NavigationSlotRecord(), change.day))
            }
            slots[place].record.add(change.count, factor: change.factor)
        }
        for (key, slot) in zip(items.keys, slots) {
            if slot.record.counts.isEmpty {
                try draft.delete(key)
            } else {
                try draft.put(key, slot.record, expiresAt: Timestamp(seconds: (slot.day + Int64(retentionDays)) * 86_400))
            }
        }
    }

    static func key(of count: NavigationCount, day: Int64) -> Keyspace {
        .navigation(count.kind, day: day, slot: slot(of: count.pages))
    }

    /// FNV-1a (Fowler, Noll and Vo) over the names; the sums are no secret of one user's.
    static func slot(of pages: [String]) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for page in pages {
            for byte in page.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            hash = (hash ^ 0xFF) &* 0x100_0000_01B3
        }
        return (hash ^ hash >> 32) % Limits.navigationSlots
    }
}

extension NavigationSlotRecord {
    /// - Parameter factor: 1 to add, -1 to take back.
    mutating func add(_ count: NavigationCount, factor: Int64) {
        var place = counts.firstIndex { sameBytes($0.pages, count.pages) }
        if place == nil, factor > 0, count.count > 0 {
            let isFull = self.counts.count >= Limits.countsPerNavigationSlotMax
            // What finds its slot full is counted with the others: bounded, and the totals stay right.
            let pages = isFull ? [] : count.pages
            place = counts.firstIndex { sameBytes($0.pages, pages) }
            if place == nil {
                counts.append(NavigationCountRecord.with { $0.pages = pages })
                place = counts.count - 1
            }
        }
        guard let place = place ?? counts.firstIndex(where: { $0.pages.isEmpty }) else { return }
        counts[place].count.move(by: factor * Int64(count.count))
        counts[place].entries.move(by: factor * Int64(count.entries))
        counts[place].returnEntries.move(by: factor * Int64(count.returnEntries))
        counts[place].dwellMilliseconds.move(by: factor * count.dwellMilliseconds)
        counts[place].timed.move(by: factor * Int64(count.timed))
        counts[place].behindGoal.move(by: factor * Int64(count.behindGoal))
        if counts[place].count == 0 { counts.remove(at: place) }
    }

    private func sameBytes(_ one: [String], _ other: [String]) -> Bool {
        one.count == other.count && zip(one, other).allSatisfy { $0.hasSameBytes(as: $1) }
    }
}

extension UInt64 {
    fileprivate mutating func move(by difference: Int64) {
        self = UInt64(Swift.max(0, Int64(clamping: self) + difference))
    }
}
