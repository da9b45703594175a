/// A page in the order of a visit, and the time that was spent on it.
///
/// The time is the larger of the time to the next event of the visit and what clients have measured. As far as it is known before the
/// next page comes it is the page's own; what only the next page tells belongs to the step between the two. So each event changes the
/// sums of one page or one step, and all of them can be taken back from the path alone.
package struct VisitedPage: Sendable, Equatable {
    package let page: String
    package let at: Timestamp
    /// As clients have measured it.
    package internal(set) var dwellMilliseconds: UInt64 = 0
    /// The first event of the visit behind this view that is no page.
    package internal(set) var actedAt: Timestamp?
    /// Whether the visit had reached its goal by the time the page was left.
    package internal(set) var isBehindGoal = false

    /// The time that is known without the next page; 0: none.
    var ownMilliseconds: Int64 {
        max(Int64(clamping: dwellMilliseconds), actedAt.map { $0.milliseconds - at.milliseconds } ?? 0)
    }

    /// What the next page adds to it.
    func milliseconds(until next: VisitedPage) -> Int64 {
        actedAt == nil ? max(0, next.at.milliseconds - at.milliseconds - Int64(clamping: dwellMilliseconds)) : 0
    }

    /// Whether nothing was noted of the page since: which page it is and when it was shown does not change.
    func hasSameStay(as earlier: VisitedPage) -> Bool {
        dwellMilliseconds == earlier.dwellMilliseconds && actedAt == earlier.actedAt && isBehindGoal == earlier.isBehindGoal
    }

    mutating func noteAction(at moment: Timestamp) {
        if moment > at { actedAt = min(actedAt ?? moment, moment) }
    }
}

extension Session {
    /// Time on site: the sum over the pages of the path.
    package var secondsOnSite: Double {
        let own = path.reduce(0) { $0 + $1.ownMilliseconds }
        return Double(zip(path, path.dropFirst()).reduce(own) { $0 + $1.0.milliseconds(until: $1.1) }) / 1000
    }

    /// The page that was shown at a moment.
    private func place(at moment: Timestamp) -> Int? { path.lastIndex { $0.at <= moment } }

    /// Something was done that is no view of a further page.
    mutating func noteAction(_ event: CountedEvent) {
        guard let place = place(at: event.at) else { return }
        path[place].noteAction(at: event.at)
        guard event.type?.isGoal ?? false else { return }
        for later in place..<path.count { path[later].isBehindGoal = true }
    }

    /// - Parameter page: the page that was measured; nil, or one that was not visited: the one that was shown then.
    mutating func noteDwell(_ event: CountedEvent, on page: String?) {
        guard event.attention.dwellMilliseconds > 0, !path.isEmpty else { return }
        let named = page.flatMap { page in path.lastIndex { $0.at <= event.at && $0.page.hasSameBytes(as: page) } }
        guard let place = named ?? place(at: event.at) else { return }
        path[place].dwellMilliseconds += event.attention.dwellMilliseconds
    }
}
