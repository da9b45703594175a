import Engine
import Testing

@Suite struct SessionTests {
    private let start = PersonalizationFixture.now

    private func session(clientID: String? = nil) -> Session {
        var session = Session(name: "s", clientID: clientID, startedAt: start, isReturn: false)
        session.count(event(0), page: "/", clientID: clientID)
        return session
    }

    private func event(_ seconds: Int64, _ type: InteractionType? = .pageView, product: UInt64? = nil, category: String? = nil)
        -> CountedEvent
    {
        let at = start.adding(seconds: seconds)
        return CountedEvent(at: at, local: LocalTime(at, in: "UTC"), type: type, product: product, category: category)
    }

    @Test(
        "lasts until half an hour of silence, or a day",
        arguments: [
            (0, Session.Fit.within), (1800, .within), (1801, .after), (-1800, .within), (-1801, .before),
        ] as [(Int64, Session.Fit)])
    func silence(seconds: Int64, fit: Session.Fit) {
        #expect(session().fit(of: start.adding(seconds: seconds), clientID: nil) == fit)
    }

    @Test func endsAfterADay() {
        var session = session()
        for step in 1...100 { session.count(event(Int64(step) * 1000), page: nil, clientID: nil) }
        #expect(session.fit(of: start.adding(seconds: 86_399 + 1), clientID: nil) == .after)
    }

    @Test func endsWhereTheClientSaysSo() {
        let session = session(clientID: "a")
        #expect(session.fit(of: start.adding(seconds: 5), clientID: "a") == .within)
        #expect(session.fit(of: start.adding(seconds: 5), clientID: nil) == .within)
        #expect(session.fit(of: start.adding(seconds: 5), clientID: "b") == .after)
        #expect(session.fit(of: start.adding(seconds: -5), clientID: "b") == .before)
    }

    @Test(
        "has an intent",
        arguments: [
            ([(InteractionType.productView, 1)], SessionIntent.browsing),
            ([(.productView, 1), (.addToCart, 1)], .transactional),
            ([(.productView, 1), (.addToCart, 1), (.cartRemove, 1), (.pageView, 0)], .browsing),
            ([(.groupJoinClick, 1)], .transactional),
            ([(.productView, 1), (.productView, 2), (.productView, 1)], .comparing),
            ([(.productView, 1), (.productView, 2), (.productView, 3)], .comparing),
            ([(.productSearch, 0), (.productSearch, 0)], .research),
            ([(.productSearch, 0), (.productView, 1), (.productView, 2)], .research),
            ([], .bouncing),
        ] as [([(InteractionType, UInt64)], SessionIntent)])
    func intent(events: [(InteractionType, UInt64)], expected: SessionIntent) {
        var session = session()
        for (step, (type, product)) in events.enumerated() {
            session.count(event(Int64(step) * 10, type, product: product == 0 ? nil : product, category: "c"), page: nil, clientID: nil)
        }
        #expect(SessionIntent(session, now: start.adding(seconds: 120)) == expected)
    }

    @Test func oneEventIsNoBounceYet() {
        #expect(SessionIntent(session(), now: start.adding(seconds: 29)) == .browsing)
    }

    private func measured(_ seconds: Int64, dwell: UInt64) -> CountedEvent {
        let at = start.adding(seconds: seconds)
        let attention = PageAttention(dwellMilliseconds: dwell * 1000, scrollPercentMax: 0, outboundClicks: 0)
        return CountedEvent(at: at, local: LocalTime(at, in: "UTC"), attention: attention, isMeasurement: true)
    }

    /// What happens in a visit: at a second, a page or something done, and how long was measured.
    enum Step: Sendable { case page(Int64, String), act(Int64), measure(Int64, UInt64, String?) }

    @Test(
        "time on site: of each page the larger of the time to the next event and what was measured",
        arguments: [
            ([.page(0, "/"), .page(10, "/a"), .page(40, "/b")], 40), ([.page(0, "/")], 0), ([.page(0, "/"), .measure(30, 28, "/")], 28),
            ([.page(0, "/"), .measure(9, 7, "/"), .page(10, "/a"), .measure(370, 360, "/a")], 370),
            ([.page(0, "/"), .act(20)], 20), ([.page(0, "/"), .act(20), .page(60, "/a")], 20),
            ([.page(0, "/"), .act(20), .measure(59, 55, "/"), .page(60, "/a")], 55),
            // What is measured late, or in parts, is the page's that it names.
            ([.page(0, "/"), .page(10, "/a"), .measure(11, 15, "/"), .measure(30, 5, "/a"), .measure(60, 6, "/a")], 26),
            ([.act(0), .page(5, "/")], 0), ([.page(0, "/"), .measure(5, 4, "/elsewhere")], 4), ([.page(0, "/"), .measure(5, 4, nil)], 4),
        ] as [([Step], Double)])
    func timeOnSite(steps: [Step], seconds: Double) {
        var session = Session(name: "s", clientID: nil, startedAt: start, isReturn: false)
        for step in steps {
            switch step {
            case .page(let at, let page): session.count(event(at), page: page, clientID: nil)
            case .act(let at): session.count(event(at, .addToCart), page: nil, clientID: nil)
            case .measure(let at, let dwell, let page): session.count(measured(at, dwell: dwell), page: page, clientID: nil)
            }
        }
        #expect(session.secondsOnSite == seconds)
        // The sums of a tenant are put together from the same.
        #expect(NavigationCount.all(of: session).reduce(0) { $0 + $1.dwellMilliseconds } == Int64(seconds * 1000))
    }

    @Test func aMeasuredPageIsNoSecondEvent() {
        var session = session()
        session.count(measured(20, dwell: 15), page: "/", clientID: nil)
        #expect(session.events == 1)
        #expect(SessionIntent(session, now: start.adding(seconds: 60)) == .bouncing)
    }

    @Test("what navigation counts step by step is what the whole session says")
    func navigation() {
        var session = Session(name: "s", clientID: nil, startedAt: start, isReturn: true)
        for (step, page) in ["/", "/a", "/b", "/a", "/c"].enumerated() {
            session.count(event(Int64(step) * 10), page: page, clientID: nil)
        }
        let counts = NavigationCount.all(of: session)
        #expect(counts.filter { $0.kind == .page }.map(\.pages) == [["/"], ["/a"], ["/b"], ["/a"], ["/c"]])
        #expect(counts.filter { $0.kind == .step }.map(\.dwellMilliseconds) == [10_000, 10_000, 10_000, 10_000])
        #expect(counts.filter { $0.kind == .journey }.map(\.pages) == [["/", "/a"], ["/", "/a", "/b"], ["/", "/a", "/b", "/a"]])
        #expect(counts.reduce(0) { $0 + $1.returnEntries } == 1)
    }

    @Test(
        "pages go by their path, without what looks like an id",
        arguments: [
            ("https://shop.example/p/17?x=1#y", "/p/:id"), ("https://shop.example", "/"), ("/a/b/", "/a/b"), ("", nil),
            ("https://shop.example/o/3f2504e0-4f89-11d3-9a0c-0305e82c3301/edit", "/o/:id/edit"), ("/deadbeef", "/deadbeef"),
        ])
    func pageName(url: String, name: String?) {
        #expect(PageName.of(url: url) == name)
    }
}
