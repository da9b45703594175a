import Engine
import Testing

@Suite struct ConsentsTests {
    private func decide(
        _ fixture: EngineFixture, _ scope: Scope, _ decisions: [Purpose: Bool], by source: String = "test"
    ) async throws -> ConsentState {
        let user = try scope.authorize(.writeConsent, for: .user(UserID("u1")))
        return try await fixture.engine.consents.decide(scope, user, ConsentChange(decisions: decisions, source: source))
    }

    private func allowed(_ state: ConsentState) -> Set<Purpose> { Set(Purpose.allCases.filter(state.allows)) }

    private func consent(_ fixture: EngineFixture, _ scope: Scope) async throws -> ConsentState {
        try await fixture.engine.consents.consent(scope, fixture.user("u1", scope))
    }

    @Test(arguments: [
        (false, [], [Purpose.analytics, .personalization]),
        (true, [], []),
        (false, ["ai"], [.analytics, .personalization, .ai]),
        (true, ["ai", "marketing"], [.ai, .marketing]),
    ])
    func whereNothingIsRecordedTheTenantDecides(isOptIn: Bool, grants: [String], expected: [Purpose]) async throws {
        let fixture = try await EngineFixture()
        _ = try await CreateTenant(name: "acme", isConsentOptIn: isOptIn, grants: grants).perform(on: fixture.engine)
        let scope = try fixture.scope(try await fixture.makeKey().key)
        let state = try await consent(fixture, scope)
        #expect(allowed(state) == Set(expected))
        #expect(state.source == nil && state.updatedAt == nil)
        #expect(try await ListUserItems(tenant: "acme", user: "u1").perform(on: fixture.engine).isEmpty)
    }

    @Test func decisionsAreMergedAndKept() async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        _ = try await decide(fixture, scope, [.ai: true, .analytics: false], by: "banner")
        fixture.advance(seconds: 60)
        let publishable = try fixture.scope(try await fixture.makeKey(kind: "publishable").key)
        let state = try await decide(fixture, publishable, [.ai: false, .marketing: true], by: "settings")
        #expect(allowed(state) == [.personalization, .marketing])
        #expect(state.source == "settings" && state.updatedAt == fixture.now)
        let again = try await fixture.reopened()
        let reader = try again.scope(try await again.makeKey().key)
        #expect(try await consent(again, reader) == state)
        let history = try await again.engine.consents.history(reader, again.user("u1", reader))
        #expect(history.map(\.change.decisions) == [[.ai: true, .analytics: false], [.ai: false, .marketing: true]])
        #expect(history.map(\.credential) == [.secretKey, .publishableKey])
        #expect(history.map(\.decidedAt) == [again.now.adding(seconds: -60), again.now])
    }

    @Test func theHistoryIsBoundedAndTheOldestGoes() async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let key = try await fixture.makeKey().key
        for round in 0..<(Limits.consentChangesPerUserMax + 3) {
            fixture.advance(seconds: 1)
            _ = try await decide(fixture, fixture.scope(key), [.ai: round % 2 == 0], by: "round \(round)")
        }
        let scope = try fixture.scope(key)
        let history = try await fixture.engine.consents.history(scope, fixture.user("u1", scope))
        #expect(history.count == Limits.consentChangesPerUserMax)
        #expect(history.first?.change.source == "round 3")
        #expect(history.last?.change.source == "round \(Limits.consentChangesPerUserMax + 2)")
    }

    @Test(arguments: [
        (ConsentChange(decisions: [:], source: "x"), "/purposes"),
        (ConsentChange(decisions: [.ai: true], source: ""), "/source"),
        (ConsentChange(decisions: [.ai: true], source: "x", wordingVersion: ""), "/wordingVersion"),
        (ConsentChange(decisions: [.ai: true], source: "x", channel: "a\u{7}"), "/channel"),
    ])
    func whatIsWrongIsRefused(change: ConsentChange, pointer: String) async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        let user = try fixture.user("u1", scope)
        do throws(EngineError) {
            _ = try await fixture.engine.consents.decide(scope, user, change)
            Issue.record("was taken")
        } catch {
            #expect(error.violations.map(\.pointer) == [pointer])
        }
    }

    @Test(arguments: [
        ("personalization:read", true, false), ("profile:read", true, false), ("events:write", false, true),
        ("personalization:write", false, true), ("privacy:export", false, false),
    ])
    func tokensMayByTheirScope(scopes: String, reads: Bool, writes: Bool) async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let scope = try fixture.scope(try await fixture.mint(scopes: [scopes]))
        #expect(((try? scope.authorize(.readConsent, for: .me)) != nil) == reads)
        #expect(((try? scope.authorize(.writeConsent, for: .me)) != nil) == writes)
    }
}
