import Store

/// A user's events, the newest first.
package struct TimelinePage: Sendable {
    package let events: [Event]
    package let nextCursor: String?
}

extension Behavior {
    /// - Parameter cursor: as the page before gave it: how many milliseconds after 1970 the last event was, and how many of that
    ///   moment have been told.
    package func timeline(
        _ scope: Scope, _ user: AuthorizedUser, limit: Int, cursor: String?
    ) async throws(EngineError) -> TimelinePage {
        let start = try cursor.map { text throws(EngineError) in try TimelineCursor(text) }
        let user = try await scope.resolved(user.id)
        var found: [Event] = []
        var last = start.map { "EVENT#" + Keyspace.timeName($0.at, digest: 0).prefix(11) }
        // Pages are in the order of their first events and span half an hour: an event is in its place once pages that much older begin.
        var oldestFirst = Timestamp(milliseconds: .max)
        var isAtEnd = false
        while !isAtEnd {
            let page = try await scope.tenant.table.page(
                in: Keyspace.partition(of: user), prefix: "EVENT#", after: last, limit: Self.pagesPerRead, now: scope.now)
            for item in page {
                let events = try EventPageRecord(stored: item.item.payload).events.compactMap { Event($0) }
                found += events.filter { start?.isBehind($0) ?? true }
                if let first = events.first?.at { oldestFirst = min(oldestFirst, first) }
            }
            isAtEnd = page.count < Self.pagesPerRead
            last = page.last.map { String(decoding: $0.sort, as: UTF8.self) }
            let settled = found.count { $0.at > oldestFirst.adding(seconds: Limits.eventPageSeconds) }
            if settled > limit + (start?.told ?? 0) { break }
        }
        return Self.cut(found, limit: limit, start: start)
    }

    private static let pagesPerRead = 50

    private static func cut(_ events: [Event], limit: Int, start: TimelineCursor?) -> TimelinePage {
        let order = events.indices.sorted { one, other in
            let (one, other) = (events[one], events[other])
            return one.at != other.at ? one.at > other.at : one.messageID.utf8.lexicographicallyPrecedes(other.messageID.utf8)
        }
        let rest = order.map { events[$0] }.dropFirst(start?.told ?? 0)
        let page = Array(rest.prefix(limit))
        guard rest.count > limit, let end = page.last else { return TimelinePage(events: page, nextCursor: nil) }
        let told = page.count { $0.at == end.at } + (start.map { $0.at == end.at ? $0.told : 0 } ?? 0)
        return TimelinePage(events: page, nextCursor: "\(end.at.milliseconds).\(told)")
    }
}

/// Where a timeline goes on: behind so many events of a moment.
private struct TimelineCursor {
    let at: Timestamp
    let told: Int

    init(_ text: String) throws(EngineError) {
        let parts = text.split(separator: ".").compactMap { Int64($0) }
        guard parts.count == 2, (0...4_000_000_000_000).contains(parts[0]), (0...1_000_000).contains(parts[1]) else {
            throw .invalid("/cursor", "is not one that was given out")
        }
        at = Timestamp(milliseconds: parts[0])
        told = Int(parts[1])
    }

    func isBehind(_ event: Event) -> Bool { event.at <= at }
}
