import Engine
import Testing

@Suite struct VisitRemovalTests {
    /// Visits of a user: pages ten seconds apart with something done or measured on some of them, a visit every hour.
    private func browse(_ events: EventsFixture, _ user: String, visits: Int, pages: Int, seed: UInt64) async throws {
        var numbers = SeededNumbers(seed: seed)
        for visit in 0..<visits {
            let start = events.now.adding(seconds: -Int64(visits - visit) * 3600)
            let all = (0..<pages).map { page in
                let url = "/p\(Int.random(in: 0...6, using: &numbers))x"
                return events.page(url, visitor: user, id: "\(visit)-\(page)", at: start.adding(seconds: Int64(page) * 10))
            }
            #expect(try await events.send(all).allSatisfy { $0 == "accepted" })
            for page in 0..<pages where Int.random(in: 0...2, using: &numbers) == 0 {
                let at = start.adding(seconds: Int64(page) * 10 + 4)
                let done = ["add_to_cart", "purchase_completed", "page_engagement"][Int.random(in: 0...2, using: &numbers)]
                let properties = #"{"product_id":"p","dwellSeconds":3}"#
                let event = events.track(done, user: user, id: "\(visit)-\(page)-done", at: at, properties: properties)
                #expect(try await events.send([event]) == ["accepted"])
            }
        }
    }

    @Test("what is left are the sums of the others", arguments: [(1, 1), (3, 4), (2, 70), (5, 31)])
    func others(visits: Int, pages: Int) async throws {
        let (both, alone) = (try await EventsFixture(), try await EventsFixture())
        for events in [both, alone] { try await browse(events, "stays", visits: 4, pages: 5, seed: 1) }
        try await browse(both, "goes", visits: visits, pages: pages, seed: 2)
        let insights = both.engine.insights
        #expect(try await insights.navigation(both.scope, days: 30) != alone.engine.insights.navigation(alone.scope, days: 30))
        // Twice, as after a crash.
        for _ in 0..<2 {
            try await insights.removeVisits(both.scope, of: both.user("goes"))
            #expect(try await insights.navigation(both.scope, days: 30) == alone.engine.insights.navigation(alone.scope, days: 30))
            let journeys = try await insights.journeys(both.scope, days: 30, limit: 100)
            #expect(journeys == (try await alone.engine.insights.journeys(alone.scope, days: 30, limit: 100)))
        }
    }
}
