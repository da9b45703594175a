/// Whom events are for, and whether they name them as a visitor.
struct Addressee: Hashable {
    let id: UserID
    let isVisitor: Bool
}

/// Some events of one user that one transaction takes.
struct EventPortion {
    /// What became of it.
    enum Outcome {
        case done([EventOutcome.Status])
        /// It is to be taken so.
        case again([EventPortion])
    }

    let user: Addressee
    /// With their places among all that were sent.
    let events: [(place: Int, event: PreparedEvent)]
    /// How often the events have been sent on from a visitor to whom that one has turned out to be.
    private(set) var hops = 0

    /// All events of a user, in portions of a bounded size.
    static func portions(of events: [(place: Int, event: PreparedEvent)], for user: Addressee) -> [EventPortion] {
        stride(from: 0, to: events.count, by: Limits.eventsPerTransactionMax).map { start in
            EventPortion(user: user, events: Array(events[start..<min(start + Limits.eventsPerTransactionMax, events.count)]))
        }
    }

    var halves: [EventPortion] {
        let half = events.count / 2
        return [events.prefix(half), events.dropFirst(half)].map { EventPortion(user: user, events: Array($0), hops: hops) }
    }

    func sentOn(to user: UserID) -> EventPortion {
        EventPortion(user: Addressee(id: user, isVisitor: true), events: events, hops: hops + 1)
    }
}
