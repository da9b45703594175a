import Engine
import Testing

@Suite("Processing records and exposure")
struct ProcessingTests {
    @Test func recordsFollowFromWhatIsSetUp() async throws {
        let ai = AIConfiguration(provider: StubProvider(model: "stub-9"))
        let fixture = try await EngineFixture(ai: ai)
        let scope = try await fixture.tenantScope()
        let first = try fixture.engine.processing.records(scope)
        #expect(first.recipients.contains { $0.recipient.contains("stub-9") } && first.recipients.count == 3)
        #expect(first.dataCategories.first { $0.category == "events" }?.retention == "400 days after the event")
        for category in ["holds", "erasureLedger", "requests"] {
            #expect(first.dataCategories.contains { $0.category == category })
        }
        _ = try await SetTenant(tenant: "acme", retentionDays: 30).perform(on: fixture.engine)
        #expect(
            try fixture.engine.processing.records(scope).dataCategories.first { $0.category == "events" }?.retention
                == "30 days after the event")
        let without = try await fixture.reopened()
        let again = try await ShowProcessingRecords(tenant: "acme").perform(on: without.engine)
        #expect(again.recipients.count == 2)
        #expect(again.recipients.contains { $0.recipient.contains("OpenDSR") } && again.transfers.hasPrefix("none"))
    }

    @Test func aKeyIsExposedWhileItWasGood() async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        let made = fixture.now
        let key = try await fixture.makeKey(kind: "privacy")
        for user in ["a", "b", "c"] { try await fixture.use("f", by: user, scope) }
        let user = try scope.authorize(.eraseUser, for: .user(UserID("c")))
        _ = try await fixture.engine.erasures.erase(scope, user)
        fixture.advance(seconds: 100)
        _ = try await RevokeKey(id: key.id).perform(on: fixture.engine)
        let revoked = fixture.now
        fixture.advance(seconds: 100)
        func exposure(_ id: String, from: Timestamp? = nil, to: Timestamp? = nil) async throws -> Exposure {
            try await ShowExposure(tenant: "acme", credential: id, from: from?.rfc3339, to: to?.rfc3339).perform(on: fixture.engine)
        }
        let whole = try await exposure(key.id)
        #expect(whole.kind == "privacy" && whole.exposed?.from == made.rfc3339 && whole.exposed?.to == revoked.rfc3339)
        #expect(whole.persons.held == 2 && whole.persons.erasedSince == 1 && whole.persons.atMost == 3)
        #expect(whole.reach.contains { $0.routes == ["GET /api/privacy/users/{userId}/export"] })
        #expect(!whole.reach.contains { $0.routes.contains("POST /api/tenant/export") })
        let after = try await exposure(key.id, from: revoked.adding(seconds: 1))
        #expect(after.exposed == nil && after.reach.isEmpty && after.persons.atMost == 0)
        let publishable = try await exposure(try await fixture.makeKey(kind: "publishable").id)
        #expect(publishable.reach.isEmpty && publishable.persons.atMost == 0)
        let token = try await exposure("AAAAAAAAAAAAAAAAAAAAAA")
        #expect(token.kind == "user token" && token.persons.atMost == 1 && token.notKnown.count == 3)
        #expect(await fixture.code { _ = try await exposure("none") } == .notFound)
        #expect(await fixture.code { _ = try await exposure(key.id, from: revoked, to: made) } == .invalid)
    }
}
