/// What a user did with a product, a group buy or a page, as far as behaviour weighs it.
///
/// Raw values are places in stored counters: they never change and are never used again.
package enum InteractionType: Int, CaseIterable, Sendable {
    case purchaseCompleted = 0
    case groupJoinComplete = 1
    case paymentSuccess = 2
    case cartCheckout = 3
    case addToCart = 4
    case groupJoinClick = 5
    case ratingSubmitted = 6
    case wishlistAdd = 7
    case productView = 8
    case groupView = 9
    case productSearch = 10
    case pageView = 11
    case groupLeave = 12
    case cartRemove = 13
    case wishlistRemove = 14

    /// The name in events and answers.
    package var name: String {
        switch self {
        case .purchaseCompleted: "purchase_completed"
        case .groupJoinComplete: "group_join_complete"
        case .paymentSuccess: "payment_success"
        case .cartCheckout: "cart_checkout"
        case .addToCart: "add_to_cart"
        case .groupJoinClick: "group_join_click"
        case .ratingSubmitted: "rating_submitted"
        case .wishlistAdd: "wishlist_add"
        case .productView: "product_view"
        case .groupView: "group_view"
        case .productSearch: "product_search"
        case .pageView: "page_view"
        case .groupLeave: "group_leave"
        case .cartRemove: "cart_remove"
        case .wishlistRemove: "wishlist_remove"
        }
    }

    /// Twice the weight: whole, so that sums of weights do not depend on their order.
    package var doubledWeight: Int {
        switch self {
        case .purchaseCompleted: 20
        case .groupJoinComplete: 18
        case .paymentSuccess: 16
        case .cartCheckout: 14
        case .addToCart: 12
        case .groupJoinClick: 10
        case .ratingSubmitted: 8
        case .wishlistAdd: 6
        case .productView: 4
        case .groupView: 4
        case .productSearch: 3
        case .pageView: 2
        case .groupLeave: -6
        case .cartRemove: -4
        case .wishlistRemove: -2
        }
    }

    /// What visits of a shop are for.
    static let goals: [InteractionType] = [.purchaseCompleted, .paymentSuccess, .groupJoinComplete]
    var isGoal: Bool { Self.goals.contains(self) }

    package var weight: Double { Double(doubledWeight) / 2 }

    /// Whether it may come without a product and a group.
    package var needsNoObject: Bool {
        switch self {
        case .pageView, .productSearch, .cartCheckout, .paymentSuccess: true
        default: false
        }
    }

    private static let byName = Dictionary(uniqueKeysWithValues: allCases.map { ($0.name, $0) })

    package init?(name: String) {
        guard let type = Self.byName[name] else { return nil }
        self = type
    }
}
