import Engine
import Foundation
import Testing

@Suite struct ImplicitRatingTests {
    private let now = PersonalizationFixture.now

    private func rating(_ events: [(InteractionType, Double)], halfLifeDays: Double = 30) -> ImplicitRating {
        ImplicitRating(events.map { (type: $0.0, at: PersonalizationFixture.daysAgo($0.1)) }, now: now, halfLifeDays: halfLifeDays)
    }

    @Test(
        arguments: [
            ([(InteractionType.purchaseCompleted, 0)], 5.0), ([(.purchaseCompleted, 30)], 2.5), ([(.productView, 0)], 1),
            ([(.productView, 0), (.productSearch, 0)], 1.75), ([(.groupLeave, 0)], 0),
            ([(.purchaseCompleted, 0), (.purchaseCompleted, 0)], 5),
            ([(.addToCart, 0), (.cartRemove, 0)], 2), ([], 0), ([(.productView, 60), (.wishlistAdd, 30)], 1),
        ] as [([(InteractionType, Double)], Double)])
    func value(events: [(InteractionType, Double)], expected: Double) {
        #expect(abs(rating(events).value - expected) < 1e-12)
    }

    @Test func signalsAddUpToTheSum() {
        let rating = rating([(.productView, 1), (.productView, 3), (.addToCart, 2)], halfLifeDays: 7)
        #expect(rating.signals.map(\.type) == [.addToCart, .productView])
        #expect(rating.signals.map(\.count) == [1, 2])
        #expect(rating.value == min(5, max(0, rating.signals.reduce(0) { $0 + $1.weight } / 2)))
        #expect(abs(rating.signals[0].weight - 6 * pow(0.5, 2 / 7)) < 1e-12)
    }

    @Test("has the weights of the contract")
    func weights() {
        let weights: [(String, Double)] = [
            ("purchase_completed", 10), ("group_join_complete", 9), ("payment_success", 8), ("cart_checkout", 7), ("add_to_cart", 6),
            ("group_join_click", 5), ("rating_submitted", 4), ("wishlist_add", 3), ("product_view", 2), ("group_view", 2),
            ("product_search", 1.5), ("page_view", 1), ("group_leave", -3), ("cart_remove", -2), ("wishlist_remove", -1),
        ]
        #expect(InteractionType.allCases.count == weights.count)
        for (name, weight) in weights { #expect(InteractionType(name: name)?.weight == weight, "\(name)") }
    }
}
