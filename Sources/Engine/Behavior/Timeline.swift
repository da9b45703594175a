import Store

/// A user's events, the newest first.
package struct TimelinePage: Sendable {
    package let events: [Event]
    package let nextCursor: String?
}

extension Behavior {
    /// Pages of events are in the order of their first events and span half an hour at most: what is found is in its place once pages
    /// begin that much earlier. Of those in between only the times are looked at, and events are taken off pages that hold one that is
    /// new enough, so that a user's busy half hour costs little more than reading it.
    ///
    /// - Parameter cursor: as the page before gave it.
    package func timeline(
        _ scope: Scope, _ user: AuthorizedUser, limit: Int, cursor: String?
    ) async throws(EngineError) -> TimelinePage {
        let start = try cursor.map { text throws(EngineError) in try TimelinePlace(cursor: text) }
        let user = try await scope.resolved(user.id)
        var newest = NewestEvents(count: limit + 1)
        var last = start.map { "EVENT#" + Keyspace.timeName($0.at, digest: 0).prefix(11) }
        for _ in 0..<(Limits.timelinePagesMax / Self.pagesPerRead) {
            let page = try await scope.tenant.table.page(
                in: Keyspace.partition(of: user), prefix: "EVENT#", after: last, limit: Self.pagesPerRead, now: scope.now)
            for item in page {
                guard let first = Keyspace.moment(ofTimeName: item.sort.dropFirst("EVENT#".utf8.count)) else { continue }
                if newest.areSettled(before: first.adding(seconds: Limits.eventPageSeconds)) { return newest.page(limit: limit) }
                guard newest.mayHold(EventTimes.newest(inPage: item.item.payload)) else { continue }
                for record in try EventPageRecord(stored: item.item.payload).events {
                    if let event = Event(record) { newest.add(event, behind: start) }
                }
            }
            guard page.count == Self.pagesPerRead else { break }
            last = page.last.map { String(decoding: $0.sort, as: UTF8.self) }
        }
        return newest.page(limit: limit)
    }

    private static let pagesPerRead = 50
}

/// Where an event stands in a timeline: by its time, the newest first, and among those of a moment by a number that its message id gives.
private struct TimelinePlace {
    let at: Timestamp
    let number: UInt64

    init(_ event: Event) {
        at = event.at
        // FNV-1a (Fowler, Noll, Vo), 64 bits: an order, whichever.
        number = event.messageID.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    init(cursor: String) throws(EngineError) {
        let parts = cursor.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let milliseconds = Int64(parts[0]), let number = UInt64(parts[1]),
            (0...4_000_000_000_000).contains(milliseconds)
        else { throw .invalid("/cursor", "is not one that was given out") }
        at = Timestamp(milliseconds: milliseconds)
        self.number = number
    }

    var cursor: String { "\(at.milliseconds).\(number)" }

    func isBefore(_ other: TimelinePlace) -> Bool { at != other.at ? at > other.at : number < other.number }
}

/// The newest of the events that have been seen: never more than about twice as many as are wanted.
private struct NewestEvents {
    private let count: Int
    private var events: [(place: TimelinePlace, event: Event)] = []
    /// The oldest that is wanted, once there are enough.
    private var bound: Timestamp?

    init(count: Int) {
        self.count = count
    }

    /// - Parameter moment: of the newest event on a page; nil: not known.
    func mayHold(_ moment: Timestamp?) -> Bool {
        guard let bound, let moment else { return true }
        return moment >= bound
    }

    /// Whether nothing from before the moment can be among them any more.
    func areSettled(before moment: Timestamp) -> Bool { bound.map { moment < $0 } ?? false }

    mutating func add(_ event: Event, behind start: TimelinePlace?) {
        let place = TimelinePlace(event)
        guard start.map({ $0.isBefore(place) }) ?? true, mayHold(event.at) else { return }
        events.append((place, event))
        if events.count >= 2 * count || (bound == nil && events.count == count) { trim() }
    }

    private mutating func trim() {
        events.sort { $0.place.isBefore($1.place) }
        if events.count >= count {
            events.removeLast(events.count - count)
            bound = events.last?.place.at
        }
    }

    func page(limit: Int) -> TimelinePage {
        var sorted = self
        sorted.trim()
        let page = sorted.events.prefix(limit)
        return TimelinePage(events: page.map(\.event), nextCursor: sorted.events.count > limit ? page.last?.place.cursor : nil)
    }
}

/// Times of a page's events without the rest of them (Protocol Buffers, "Encoding"): each is the first field of a record of field 1.
enum EventTimes {
    /// - Returns: nil for what is not written so.
    static func newest(inPage page: [UInt8]) -> Timestamp? {
        page.withUnsafeBufferPointer { bytes in
            var (position, newest) = (0, Int64.min)
            while position < bytes.count {
                guard bytes[position] == 0x0A, let length = varint(bytes, at: position + 1), length.value <= bytes.count - length.end else {
                    return nil
                }
                position = length.end + Int(length.value)
                guard length.value > 0, bytes[length.end] == 0x08, let at = varint(bytes, at: length.end + 1) else { return nil }
                newest = max(newest, Int64(bitPattern: at.value))
            }
            return newest == .min ? nil : Timestamp(milliseconds: newest)
        }
    }

    private static func varint(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> (value: UInt64, end: Int)? {
        var value: UInt64 = 0
        for place in 0..<10 where start + place < bytes.count {
            let byte = bytes[start + place]
            value |= UInt64(byte & 0x7F) << UInt64(7 * place)
            if byte < 0x80 { return (value, start + place + 1) }
        }
        return nil
    }
}
