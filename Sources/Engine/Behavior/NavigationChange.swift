/// What is to be added to the sums of navigation, or taken back, since visits have changed.
struct NavigationChange: Sendable {
    let day: Int64
    let count: NavigationCount
    /// 1 to add, -1 to take back.
    let factor: Int64

    /// All of a visit counts for the day of its first page, so that it can be taken back from the visit alone.
    private init?(_ count: NavigationCount, of session: Session, factor: Int64) {
        guard let first = session.path.first else { return nil }
        (day, self.count, self.factor) = (first.at.utcDay, count, factor)
    }

    /// The same the other way round.
    fileprivate var reversed: NavigationChange { NavigationChange(day: day, count: count, factor: -factor) }

    private init(day: Int64, count: NavigationCount, factor: Int64) {
        (self.day, self.count, self.factor) = (day, count, factor)
    }

    /// What events have added to a visit.
    /// - Parameter old: as it was before; nil: it has begun since.
    static func all(from old: Session?, to new: Session) -> [NavigationChange] {
        var changes: [NavigationChange] = []
        var isBeforeChanged = false
        for place in new.path.indices {
            guard let old, place < old.path.count else {
                changes += NavigationCount.added(by: place, of: new).compactMap { NavigationChange($0, of: new, factor: 1) }
                continue
            }
            let isChanged = !old.path[place].hasSameStay(as: new.path[place])
            if isChanged || isBeforeChanged {
                let counts = zip(NavigationCount.added(by: place, of: old), NavigationCount.added(by: place, of: new))
                for (before, after) in counts where isChanged && after.kind == .page || isBeforeChanged && after.kind == .step {
                    if let change = NavigationChange(after.difference(from: before), of: new, factor: 1) { changes.append(change) }
                }
            }
            isBeforeChanged = isChanged
        }
        return changes
    }

    /// What it comes to where visits take the place of others: whatever both have is left alone.
    static func all(from old: [Session], to new: [Session]) -> [NavigationChange] {
        var rest = new.flatMap { session in NavigationCount.all(of: session).compactMap { NavigationChange($0, of: session, factor: 1) } }
        var gone: [NavigationChange] = []
        for session in old {
            for count in NavigationCount.all(of: session) {
                guard let change = NavigationChange(count, of: session, factor: -1) else { continue }
                if let place = rest.firstIndex(where: { $0.day == change.day && $0.count == count }) {
                    rest.remove(at: place)
                } else {
                    gone.append(change)
                }
            }
        }
        return gone + rest
    }
}

extension [NavigationChange] {
    /// What the pages of a visit have added that a shorter one of its paths lacks.
    static func takingBack(_ session: Session, to rest: Session) -> [NavigationChange] {
        NavigationChange.all(from: rest, to: session).map(\.reversed)
    }
}
