/// One visit of a user: events no more than half an hour apart, within a day.
package struct Session: Sendable, Equatable {
    /// A page in the order of the visit.
    package struct VisitedPage: Sendable, Equatable {
        package let page: String
        package let at: Timestamp
    }

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

    /// - Parameter page: the name of the page, where the event is the view of one.
    package mutating func count(_ event: CountedEvent, page: String?, clientID other: String?) {
        if let page {
            pages += 1
            let isInOrder = path.last.map { $0.at <= event.at } ?? true
            if isInOrder, path.count < Limits.sessionPathPagesMax { path.append(VisitedPage(page: page, at: event.at)) }
        }
        events += 1
        clientID = clientID ?? other
        startedAt = min(startedAt, event.at)
        lastAt = max(lastAt, event.at)
        if let type = event.type { byType[type.rawValue] += 1 }
        if let category = event.category { categories.count(category, doubledWeight: event.type?.doubledWeight ?? 0) }
        if let product = event.product { countView(of: product) }
        attention.add(event.attention)
    }

    private mutating func countView(of product: UInt64) {
        if let place = products.firstIndex(where: { $0.product == product }) {
            products[place].views += 1
        } else if products.count < Limits.sessionProductsMax {
            products.append(ProductViews(product: product, views: 1))
        }
    }

    package var seconds: Double { lastAt.seconds(since: startedAt) }

    func count(of type: InteractionType) -> Int { Int(byType[type.rawValue]) }
}
