/// One visit of a user: events no more than half an hour apart, within a day.
package struct Session: Sendable, Equatable {
    /// How often a product was looked at, by keyed digest.
    package struct ProductViews: Sendable, Equatable {
        package let product: UInt64
        package internal(set) var views: UInt32
    }

    /// Names the session among those of its user.
    package let name: String
    /// As the client calls it; nil: it does not.
    package internal(set) var clientID: String?
    package internal(set) var startedAt: Timestamp
    package internal(set) var lastAt: Timestamp
    /// What only measures is none.
    package internal(set) var events: UInt32 = 0
    package internal(set) var pages: UInt32 = 0
    package internal(set) var byType = [UInt32](repeating: 0, count: InteractionType.allCases.count)
    package internal(set) var products: [ProductViews] = []
    package internal(set) var categories = CategoryCounts()
    /// The first pages. What navigation counts of the session is a function of these, so that it can be taken back.
    package internal(set) var path: [VisitedPage] = []
    package internal(set) var attention = PageAttention()
    /// Whether the user had been there before.
    package internal(set) var isReturn: Bool

    package init(name: String, clientID: String?, startedAt: Timestamp, isReturn: Bool) {
        self.name = name
        self.clientID = clientID
        self.startedAt = startedAt
        lastAt = startedAt
        self.isReturn = isReturn
    }

    /// Whether an event belongs to this session, comes after it, or is too late for it.
    package enum Fit: Sendable, Equatable { case within, after, before }

    package func fit(of moment: Timestamp, clientID other: String?) -> Fit {
        let silence = Limits.sessionSilenceSeconds
        guard moment >= startedAt.adding(seconds: -silence) else { return .before }
        if let clientID, let other, !clientID.hasSameBytes(as: other) { return moment >= lastAt ? .after : .before }
        let isWithin = moment <= lastAt.adding(seconds: silence) && moment < startedAt.adding(seconds: Limits.sessionSecondsMax)
        return isWithin ? .within : .after
    }

    /// - Parameter page: the name of the page, where the event is the view of one, or measures one.
    package mutating func count(_ event: CountedEvent, page: String?, clientID other: String?) {
        clientID = clientID ?? other
        lastAt = max(lastAt, event.at)
        attention.add(event.attention)
        guard !event.isMeasurement else { return noteDwell(event, on: page) }
        startedAt = min(startedAt, event.at)
        events += 1
        if let type = event.type { byType[type.rawValue] += 1 }
        if let category = event.category { categories.count(category, doubledWeight: event.type?.doubledWeight ?? 0) }
        if let product = event.product { countView(of: product) }
        if let page, append(page, event) { return }
        noteAction(event)
        noteDwell(event, on: page)
    }

    /// - Returns: false for a page that has no place in the path: it came late, or behind very many.
    private mutating func append(_ page: String, _ event: CountedEvent) -> Bool {
        pages += 1
        guard path.last.map({ $0.at <= event.at }) ?? true, path.count < Limits.sessionPathPagesMax else { return false }
        var visited = VisitedPage(page: page, at: event.at)
        visited.dwellMilliseconds = event.attention.dwellMilliseconds
        visited.isBehindGoal = hasReachedGoal
        path.append(visited)
        return true
    }

    /// Whether something was bought, paid or joined in it.
    private var hasReachedGoal: Bool { InteractionType.goals.contains { count(of: $0) > 0 } }

    private mutating func countView(of product: UInt64) {
        if let place = products.firstIndex(where: { $0.product == product }) {
            products[place].views += 1
        } else if products.count < Limits.sessionProductsMax {
            products.append(ProductViews(product: product, views: 1))
        }
    }

    func count(of type: InteractionType) -> Int { Int(byType[type.rawValue]) }
}
