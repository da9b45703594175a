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
}
