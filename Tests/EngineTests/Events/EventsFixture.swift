import Engine
import Testing

/// Sends events to an engine of its own, as a tenant's server does.
struct EventsFixture {
    let fixture: EngineFixture
    let scope: Scope

    init(_ fixture: EngineFixture? = nil, isConsentOptIn: Bool = false) async throws {
        let fixture = if let fixture { fixture } else { try await EngineFixture() }
        self.fixture = fixture
        _ = try await CreateTenant(name: "acme", isConsentOptIn: isConsentOptIn, grants: []).perform(on: fixture.engine)
        scope = try fixture.scope(try await fixture.makeKey().key)
    }

    init(_ fixture: EngineFixture, scope: Scope) {
        self.fixture = fixture
        self.scope = scope
    }

    /// The same tenant as the clock stands now.
    func later(seconds: Int64, key: String) throws -> EventsFixture {
        fixture.advance(seconds: seconds)
        return EventsFixture(fixture, scope: try fixture.scope(key))
    }

    var now: Timestamp { scope.now }
    var engine: AttuneEngine { fixture.engine }

    /// Sends a batch of events in the tracking protocol's JSON.
    func send(_ events: [String], by sender: Scope? = nil) async throws -> [String] {
        let scope = sender ?? scope
        let tape = try #require(JSONTape(Array("[\(events.joined(separator: ","))]".utf8)))
        let reader = try engine.events.reader(scope, .init())
        let read = tape.root.elements.enumerated().map { reader.event($1, place: $0) }
        return try await engine.events.take(scope, read, .init()).map(Self.text)
    }

    static func text(_ outcome: EventOutcome) -> String {
        switch outcome.status {
        case .accepted: "accepted"
        case .duplicate: "duplicate"
        case .rejected(let reason): reason.rawValue
        }
    }

    func track(
        _ event: String, user: String = "u1", id: String, at: Timestamp? = nil, properties: String = "{}", more: String = ""
    ) -> String {
        """
        {"type":"track","event":"\(event)","userId":"\(user)","messageId":"\(id)","timestamp":"\((at ?? now).rfc3339)",\
        "properties":\(properties)\(more)}
        """
    }

    func page(_ url: String, visitor: String, id: String, at: Timestamp? = nil, more: String = "") -> String {
        """
        {"type":"page","anonymousId":"\(visitor)","messageId":"\(id)","timestamp":"\((at ?? now).rfc3339)",\
        "properties":{"url":"\(url)"}\(more)}
        """
    }

    func user(_ id: String) throws -> AuthorizedUser { try scope.authorize(.readBehavior, for: .user(UserID(id))) }

    func features(_ id: String) async throws -> BehaviorFeatures { try await engine.behavior.features(scope, user(id)) }

    func timeline(_ id: String) async throws -> [Event] {
        var (events, cursor): ([Event], String?) = ([], nil)
        repeat {
            let page = try await engine.behavior.timeline(scope, user(id), limit: 7, cursor: cursor)
            events += page.events
            cursor = page.nextCursor
        } while cursor != nil
        return events
    }
}
