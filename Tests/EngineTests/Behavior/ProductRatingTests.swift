import Engine
import Testing

/// Ratings as they are told from events that are kept.
@Suite struct ProductRatingTests {
    private func rating(_ events: EventsFixture, _ product: String = "p") async throws -> ProductRating {
        try await events.engine.behavior.rating(events.scope, events.user("u1"), product: product)
    }

    private func stars(_ events: EventsFixture, _ stars: Int, daysAgo: Int64, id: String) -> String {
        let at = events.now.adding(seconds: -daysAgo * 86_400)
        return events.track("rating_submitted", id: id, at: at, properties: #"{"product_id":"p","rating":\#(stars)}"#)
    }

    @Test("the stars that were given last are the explicit rating, in whatever order they come")
    func explicit() async throws {
        let events = try await EventsFixture()
        #expect(try await rating(events).explicit == nil)
        let view = events.track("product_view", id: "v", properties: #"{"product_id":"p"}"#)
        #expect(try await events.send([view]) == ["accepted"])
        let before = try await rating(events)
        #expect(before.explicit == nil && before.combined == before.implicit.value && before.combined > 0.9)
        #expect(try await events.send([stars(events, 1, daysAgo: 2, id: "a")]) == ["accepted"])
        #expect(try await rating(events).combined == 1)
        #expect(try await events.send([stars(events, 5, daysAgo: 40, id: "b")]) == ["accepted"])
        #expect(try await rating(events).combined == 1)
        #expect(try await events.send([stars(events, 0, daysAgo: 1, id: "c")]) == ["accepted"])
        #expect(try await rating(events).explicit == 0)
        #expect(try await rating(events).combined == 0)
        #expect(try await rating(events, "q").explicit == nil)
    }

    @Test("of very many events only the newest are looked at")
    func bounded() async throws {
        let events = try await EventsFixture()
        let filler = String(repeating: "x", count: 28_000)
        #expect(try await events.send([stars(events, 4, daysAgo: 3, id: "old")]) == ["accepted"])
        #expect(try await rating(events).explicit == 4)
        for number in 0..<90 {
            let at = events.now.adding(seconds: -Int64(90 - number) * 60)
            let event = events.track("e", id: "f\(number)", at: at, properties: #"{"text":"\#(filler)"}"#)
            #expect(try await events.send([event]) == ["accepted"])
        }
        let told = try await rating(events)
        #expect(told.explicit == nil && told.implicit.signals.isEmpty)
    }

    @Test("an event with a product and without a category has the catalogue's of that moment")
    func category() async throws {
        let events = try await EventsFixture()
        let catalog = events.engine.catalog
        func view(_ id: String, _ more: String = "") async throws {
            let event = events.track("product_view", id: id, properties: #"{"product_id":77\#(more)}"#)
            #expect(try await events.send([event]) == ["accepted"])
        }
        func weights() async throws -> [String: Double] {
            let preferences = try await events.engine.behavior.preferences(events.scope, events.user("u1"))
            return preferences.categories.reduce(into: [:]) { $0[$1.name] = $1.weight }
        }
        try await view("unknown")
        #expect(try await weights().isEmpty)
        _ = try await catalog.put(events.scope, Product(id: "77", name: "Arc", category: "lamps"), if: nil)
        try await view("a")
        try await view("b", #","category":"gifts""#)
        #expect(try await weights() == ["lamps": 2, "gifts": 2])
        try await catalog.put(events.scope, [Product(id: "77", name: "Arc", category: "lights")])
        try await view("c")
        #expect(try await weights() == ["lamps": 2, "gifts": 2, "lights": 2])
        try await catalog.delete(events.scope, id: "77")
        try await view("d")
        #expect(try await weights() == ["lamps": 2, "gifts": 2, "lights": 2])
        #expect(try await events.timeline("u1").map(\.category).filter { $0 == "lamps" }.count == 1)
    }

    @Test("categories of long ago still count a little, as ratings do")
    func oldCategories() async throws {
        let events = try await EventsFixture()
        let at = events.now.adding(seconds: -90 * 86_400)
        let event = events.track("purchase_completed", id: "m", at: at, properties: #"{"product_id":1,"category":"lamps"}"#)
        let recent = events.track("product_view", id: "n", properties: #"{"product_id":2,"category":"rugs"}"#)
        #expect(try await events.send([event, recent]) == ["accepted", "accepted"])
        let preferences = try await events.engine.behavior.preferences(events.scope, events.user("u1"))
        #expect(preferences.categories.map(\.name) == ["rugs", "lamps"])
        #expect(abs(preferences.categories[1].weight - 1.25) < 1e-9)
        #expect(try await events.features("u1").totalEvents == 1)
    }
}
