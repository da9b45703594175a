/// Visits that turn out to be one: a visitor's, and that of the user who the visitor is.
extension Session {
    /// The two as one; nil where they are two visits: too far apart, too long together, or two as clients say.
    func merged(with other: Session) -> Session? {
        let (first, second) = startedAt <= other.startedAt ? (self, other) : (other, self)
        guard first.fit(of: second.startedAt, clientID: second.clientID) == .within,
            max(first.lastAt, second.lastAt) < first.startedAt.adding(seconds: Limits.sessionSecondsMax)
        else { return nil }
        var merged = first
        merged.clientID = first.clientID ?? second.clientID
        merged.lastAt = max(first.lastAt, second.lastAt)
        merged.isReturn = first.isReturn || second.isReturn
        merged.events += second.events
        merged.pages += second.pages
        for type in merged.byType.indices { merged.byType[type] += second.byType[type] }
        for views in second.products { merged.add(views) }
        for entry in second.categories.entries {
            merged.categories.count(entry.name, events: entry.events, doubledWeight: entry.doubledWeight)
        }
        merged.attention.add(second.attention)
        merged.path = Self.path(first, second)
        return merged
    }

    private mutating func add(_ views: ProductViews) {
        if let place = products.firstIndex(where: { $0.product == views.product }) {
            products[place].views += views.views
        } else if products.count < Limits.sessionProductsMax {
            products.append(views)
        }
    }

    private static func path(_ first: Session, _ second: Session) -> [VisitedPage] {
        let all = first.path + second.path
        // Stable: of pages of one moment those of the visit that began first go first.
        let order = all.indices.sorted { (all[$0].at, $0) < (all[$1].at, $1) }
        var path = order.prefix(Limits.sessionPathPagesMax).map { all[$0] }
        // A visit that did not begin with a page began with something that was done on a page of the other.
        if second.path.first.map({ second.startedAt < $0.at }) ?? true, let shown = path.lastIndex(where: { $0.at < second.startedAt }) {
            path[shown].noteAction(at: second.startedAt)
        }
        if let goal = path.firstIndex(where: \.isBehindGoal) {
            for place in goal..<path.count { path[place].isBehindGoal = true }
        }
        return path
    }
}
