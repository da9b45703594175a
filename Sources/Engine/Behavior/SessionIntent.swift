/// What a visit seems to be for.
///
/// | intent | rule, the first that holds |
/// | --- | --- |
/// | transactional | a purchase, payment, checkout or joining, or one begun; or more put into the cart than taken out |
/// | comparing | two products or more, one of which was looked at again, or three products or more of one category |
/// | research | two searches or more, or one with two products; or five products or more |
/// | bouncing | one event at most, and silence for half a minute since; what only measures a page is none |
/// | browsing | anything else |
package enum SessionIntent: String, Sendable, CaseIterable {
    case transactional, comparing, research, bouncing, browsing

    package init(_ session: Session, now: Timestamp) {
        self =
            if Self.isTransactional(session) {
                .transactional
            } else if Self.isComparing(session) {
                .comparing
            } else if Self.isResearch(session) {
                .research
            } else if session.events <= 1, now.seconds(since: session.lastAt) >= 30 {
                .bouncing
            } else {
                .browsing
            }
    }

    private static func isTransactional(_ session: Session) -> Bool {
        let decisive: [InteractionType] = [.purchaseCompleted, .paymentSuccess, .cartCheckout, .groupJoinComplete, .groupJoinClick]
        return decisive.contains { session.count(of: $0) > 0 } || session.count(of: .addToCart) > session.count(of: .cartRemove)
    }

    private static func isComparing(_ session: Session) -> Bool {
        let views = session.count(of: .productView) + session.count(of: .groupView)
        guard views >= 3, session.products.count >= 2 else { return false }
        let returns = session.products.contains { $0.views >= 2 }
        let isOneCategory = session.products.count >= 3 && session.categories.entries.count == 1
        return returns || isOneCategory
    }

    private static func isResearch(_ session: Session) -> Bool {
        let searches = session.count(of: .productSearch)
        return searches >= 2 || searches == 1 && session.products.count >= 2 || session.products.count >= 5
    }
}
