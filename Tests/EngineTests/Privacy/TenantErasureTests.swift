import Engine
import Testing

@Suite("TenantErasures")
struct TenantErasureTests {
    /// Whoever opens the folder after a crash on the way finishes it, and the receipt is the one that was begun.
    @Test(arguments: TenantErasures.Step.allCases)
    func aDeletionIsFinishedAtTheNextStart(step: TenantErasures.Step) async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        let key = try await fixture.makeKey().key
        try await fixture.use("a", by: "u1", scope)
        let receipt = try await fixture.engine.tenantErasures.erase(scope) { reached in
            if reached == step { try? fixture.folder.copy("data", as: "killed") }
        }
        #expect(receipt.said?.action == "tenant-erasure" && receipt.said?.counts["User"] == 1)
        let killed = try await EngineFixture(fixture.folder, name: "killed", now: fixture.now)
        #expect(try await ListTenants().perform(on: killed.engine).isEmpty)
        #expect(await killed.code { _ = try killed.scope(key) } == .unauthenticated)
        #expect(try await ListDeletedTenants().perform(on: killed.engine).map(\.receipt.id) == [receipt.id])
        #expect(try await Diagnose().perform(on: killed.engine).problems == [])
    }

    @Test func itIsDoneOnceAndByTheSecretKeyAlone() async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        let tooling = try fixture.scope(try await fixture.makeKey(kind: "privacy").key)
        #expect(await fixture.code { _ = try await fixture.engine.tenantErasures.erase(tooling) } == .forbidden)
        _ = try await fixture.engine.tenantErasures.erase(scope)
        #expect(await fixture.code { _ = try await fixture.engine.tenantErasures.erase(scope) } == .conflict)
    }

    private static let failure = EngineError(.unavailable, "Injected.")

    /// What has failed before there is a receipt is dropped: the tenant is served, and no restart deletes it.
    @Test func aDeletionThatCameToNothingIsDropped() async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        let key = try await fixture.makeKey().key
        let code = await fixture.code {
            _ = try await fixture.engine.tenantErasures.erase(scope) { _ throws(EngineError) in throw Self.failure }
        }
        #expect(code == .unavailable)
        try await fixture.use("a", by: "u1", try fixture.scope(key))
        let reopened = try await fixture.reopened()
        #expect(try await ListTenants().perform(on: reopened.engine).map(\.tenant) == ["acme"])
        try await reopened.use("b", by: "u1", try reopened.scope(key))
    }

    /// With its receipt written a tenant is served no more, whatever fails then, and what goes on with the deletion gives that receipt.
    @Test(arguments: TenantErasures.Step.allCases.dropFirst(), ["call", "upkeep", "start"])
    func aDeletionThatIsProvedIsGoneOnWith(step: TenantErasures.Step, by way: String) async throws {
        var fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        let key = try await fixture.makeKey().key
        let code = await fixture.code {
            _ = try await fixture.engine.tenantErasures.erase(scope) { reached throws(EngineError) in
                if reached == step { throw Self.failure }
            }
        }
        #expect(code == .unavailable)
        #expect(await fixture.code { _ = try fixture.scope(key) } == .unauthenticated)
        var receipt: Receipt?
        switch way {
        case "call": receipt = try await DeleteTenant(tenant: "acme").perform(on: fixture.engine)
        case "upkeep": await fixture.engine.tidy(logger: EngineFixture.logger)
        default: fixture = try await fixture.reopened()
        }
        let deleted = try await ListDeletedTenants().perform(on: fixture.engine)
        #expect(deleted.count == 1 && deleted[0].receipt.said?.action == "tenant-erasure")
        if let receipt { #expect(receipt.payload == deleted[0].receipt.payload) }
        let present = fixture
        #expect(await present.code { _ = try present.scope(key) } == .unauthenticated)
        try await present.makeTenant()
    }

    @Test func aLegalHoldKeepsTheTenant() async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        _ = try await fixture.engine.holds.place(scope, fixture.user("u1", scope), reason: "a trial")
        #expect(await fixture.code { _ = try await fixture.engine.tenantErasures.erase(scope) } == .conflict)
        #expect(await fixture.code { _ = try await DeleteTenant(tenant: "acme").perform(on: fixture.engine) } == .conflict)
        try await fixture.use("a", by: "u1", scope)
        _ = try await DeleteTenant(tenant: "acme", despiteHolds: true).perform(on: fixture.engine)
        #expect(try await ListTenants().perform(on: fixture.engine).isEmpty)
    }
}
