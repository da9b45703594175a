import Engine
import Foundation
import Testing

/// A tenant with users of whom everything is held that can be held.
struct PrivacyFixture {
    let events: EventsFixture
    let key: String

    var fixture: EngineFixture { events.fixture }
    var engine: AttuneEngine { fixture.engine }
    var scope: Scope { events.scope }

    init(_ fixture: EngineFixture? = nil) async throws {
        events = try await EventsFixture(fixture)
        key = try await events.fixture.makeKey().key
    }

    func user(_ id: String, _ permission: Permission = .eraseUser) throws -> AuthorizedUser {
        try scope.authorize(permission, for: .user(UserID(id)))
    }

    /// Everything that a user can leave, with a word of their own in every field.
    func live(_ id: String, canary: String) async throws {
        try await fixture.use("feature-\(canary)", by: id, scope)
        let user = try user(id, .writePersonalization)
        _ = try await engine.personalization.setGoals(
            scope, user, shortTerm: ["short \(canary)"], longTerm: ["long \(canary)"], if: nil)
        _ = try await engine.personalization.setMarketFocus(scope, user, areas: ["focus \(canary)"], if: nil)
        try await engine.personalization.recordContent(scope, user, contentType: "content-\(canary)", success: true)
        let change = ConsentChange(
            decisions: [.analytics: true, .ai: true], source: "source \(canary)", wordingVersion: "wording \(canary)",
            channel: "channel \(canary)")
        _ = try await engine.consents.decide(scope, user, change)
        var profile = BehavioralProfileChange()
        (profile.score, profile.interests) = (80, "interests \(canary)")
        _ = try await engine.behavioralProfiles.create(scope, user: UserID(id), profile)
        try await track(id, canary: canary)
    }

    func track(_ id: String, canary: String, count: Int = 3) async throws {
        var sent = [
            """
            {"type":"identify","userId":"\(id)","anonymousId":"anonymous-\(canary)","messageId":"identify-\(canary)",\
            "timestamp":"\(events.now.rfc3339)","traits":{"name":"name \(canary)","email":"\(canary)@example.org"}}
            """,
            """
            {"type":"group","userId":"\(id)","groupId":"group-\(canary)","messageId":"group-\(canary)",\
            "timestamp":"\(events.now.rfc3339)","traits":{"plan":"plan \(canary)"}}
            """,
        ]
        for number in 0..<count {
            sent.append(
                events.track(
                    "product_view", user: id, id: "m\(number)-\(canary)", at: events.now.adding(seconds: Int64(number - count) * 3600),
                    properties: #"{"product_id":"product-\#(canary)","category":"category-\#(canary)","note":"note \#(canary)"}"#))
            sent.append(
                """
                {"type":"page","userId":"\(id)","messageId":"p\(number)-\(canary)","context":{"page":{"title":"title \(canary)"}},\
                "timestamp":"\(events.now.adding(seconds: Int64(number - count) * 3600).rfc3339)",\
                "properties":{"url":"https://shop.example/page-\(canary)","referrer":"https://from.example/\(canary)"}}
                """)
        }
        let outcomes = try await events.send(sent)
        #expect(outcomes.allSatisfy { $0 == "accepted" })
    }

    /// An anonymous visit that turns out to be a user's.
    func join(_ visitor: String, to id: String, canary: String) async throws {
        _ = try await events.send([events.page("https://shop.example/anon-\(canary)", visitor: visitor, id: "anon-\(canary)")])
        let login = """
            {"type":"identify","userId":"\(id)","anonymousId":"\(visitor)","messageId":"login-\(canary)",\
            "timestamp":"\(events.now.rfc3339)","traits":{}}
            """
        _ = try await events.send([login])
    }

    func items(of id: String, on engine: AttuneEngine? = nil) async throws -> [ItemDocument] {
        try await ListUserItems(tenant: "acme", user: id).perform(on: engine ?? self.engine)
    }

    func payload(_ receipt: Receipt) throws -> ReceiptPayload {
        try JSONDecoder().decode(ReceiptPayload.self, from: #require(Data(base64URL: receipt.payload)))
    }

    func entries(on engine: AttuneEngine? = nil, _ scope: Scope? = nil) async throws -> [Audit.Entry] {
        try await (engine ?? self.engine).audit.page(scope ?? self.scope, limit: 100, cursor: nil).items
    }
}

extension Data {
    init?(base64URL text: String) {
        var text = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        while text.count % 4 != 0 { text += "=" }
        self.init(base64Encoded: text)
    }
}
