/// What becomes of the open visits of a visitor and of the user who the visitor is: one visit where no half hour lies between them, as when
/// somebody logs in.
struct JoinedVisits: Sendable {
    let open: Session?
    /// The earlier one of two.
    let closed: Session?
    /// How many visits there have been.
    let count: UInt64
    let navigation: [NavigationChange]

    init(_ visitor: BehaviorState, _ user: BehaviorState, mayMerge: Bool) {
        let sum = user.sessions + visitor.sessions
        guard var own = visitor.openSession else {
            (open, closed, count, navigation) = (user.openSession, nil, sum, [])
            return
        }
        guard let other = user.openSession else {
            own.isReturn = own.isReturn || user.sessions > 0
            let changes = visitor.openSession.map { NavigationChange.all(from: [$0], to: [own]) } ?? []
            (open, closed, count, navigation) = (own, nil, sum, changes)
            return
        }
        if mayMerge, var merged = own.merged(with: other) {
            merged.isReturn = merged.isReturn || user.sessions > 1
            (open, closed, count) = (merged, nil, max(1, sum) - 1)
            navigation = NavigationChange.all(from: [own, other], to: [merged])
        } else if own.startedAt > other.startedAt {
            own.isReturn = true
            (open, closed, count) = (own, other, sum)
            navigation = visitor.openSession.map { NavigationChange.all(from: [$0], to: [own]) } ?? []
        } else {
            (open, closed, count, navigation) = (other, own, sum, [])
        }
    }
}
