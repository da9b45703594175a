import Engine
import Store
import Testing

/// An old record that is put back while the server is stopped opens nothing: the log knows better.
@Suite struct LoggedRevocationsTests {
    private static let tenant = TenantNumber(1)

    private func withStore<Output>(
        of fixture: EngineFixture, _ body: (LMDBEngine) async throws -> Output
    ) async throws -> Output {
        await fixture.engine.close()
        let vault = try KeyVault(folder: "\(fixture.dataPath)/vault", masterKeyPath: "\(fixture.folder.path)/master.key")
        let configuration = LMDBEngine.Configuration(folder: "\(fixture.dataPath)/store", bytesMax: StoreLimits.mapBytesMax)
        let store = try LMDBEngine(configuration, vault: vault, now: fixture.now.milliseconds)
        defer { store.close() }
        return try await body(store)
    }

    private func key(_ id: String) -> ItemKey {
        ItemKey(PartitionKey(tenant: Self.tenant, name: Array("KEYS".utf8)), sort: Array("KEY#\(id)".utf8))
    }

    private func putBack(_ item: Item, at key: ItemKey, in store: LMDBEngine, now: Timestamp) async throws {
        let put = Transaction([key]) { draft in
            draft.put(key, entityType: item.entityType, payload: item.payload)
            return .commit(())
        }
        try await store.write(put, now: now.milliseconds)
    }

    /// Ends a key in some way, puts its record of before back, and looks.
    private func check(_ end: (AttuneEngine, String) async throws -> Void) async throws {
        var fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let made = try await fixture.makeKey()
        let other = try await fixture.makeKey()
        let now = fixture.now
        let item = try await withStore(of: fixture) { try #require(try await $0.get(key(made.id), now: now.milliseconds)) }
        fixture = try await fixture.reopened()
        try await end(fixture.engine, made.id)
        #expect(await fixture.code { _ = try fixture.scope(made.key) } == .unauthenticated)
        #expect(try await Diagnose().perform(on: fixture.engine).problems == [])
        try await withStore(of: fixture) { try await putBack(item, at: key(made.id), in: $0, now: now) }
        fixture = try await EngineFixture(fixture.folder, name: fixture.name, now: now)
        #expect(await fixture.code { _ = try fixture.scope(made.key) } == .unauthenticated)
        _ = try fixture.scope(other.key)
        let problems = try await Diagnose().perform(on: fixture.engine).problems
        #expect(problems.count == 1 && problems[0].contains(made.id))
        let verification = try await VerifyAudit(tenant: "acme", checkpoint: nil).perform(on: fixture.engine)
        #expect(!verification.valid && verification.reason?.contains(made.id) == true)
        // Revoked again, all is well, also after another start.
        _ = try await RevokeKey(id: made.id).perform(on: fixture.engine)
        #expect(try await Diagnose().perform(on: fixture.engine).problems == [])
        fixture = try await fixture.reopened()
        #expect(await fixture.code { _ = try fixture.scope(made.key) } == .unauthenticated)
        #expect(try await Diagnose().perform(on: fixture.engine).problems == [])
        #expect(try await VerifyAudit(tenant: "acme", checkpoint: nil).perform(on: fixture.engine).valid)
    }

    @Test func aRevokedKeyStaysRevoked() async throws {
        try await check { engine, id in _ = try await RevokeKey(id: id).perform(on: engine) }
    }

    @Test func aRotatedKeyStaysEnded() async throws {
        try await check { engine, id in _ = try await RotateKey(id: id, overlapSeconds: 0).perform(on: engine) }
    }
}
