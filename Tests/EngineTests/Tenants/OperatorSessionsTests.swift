import Engine
import Testing

@Suite("OperatorSessions")
struct OperatorSessionsTests {
    private func begin(_ fixture: EngineFixture, _ key: String) throws -> (OperatorSession, String) {
        let session = try fixture.engine.sessions.begin(key: key)
        return (session, try session.cookie())
    }

    private func isGood(_ fixture: EngineFixture, _ cookie: String) -> Bool {
        fixture.engine.sessions.resume(cookie: cookie) != nil
    }

    @Test("lasts eight hours, also over a restart")
    func life() async throws {
        var fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let (_, cookie) = try begin(fixture, try await fixture.makeKey().key)
        fixture = try await fixture.reopened()
        #expect(isGood(fixture, cookie))
        fixture.advance(seconds: Int64(Limits.sessionSeconds) - 1)
        #expect(isGood(fixture, cookie))
        fixture.advance(seconds: 1)
        #expect(!isGood(fixture, cookie))
        await fixture.engine.close()
    }

    @Test("stays ended after log-out, also after a kill, and leaves other sessions of the key alone")
    func logOut() async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let key = try await fixture.makeKey().key
        let (session, cookie) = try begin(fixture, key)
        let (_, other) = try begin(fixture, key)
        try await fixture.engine.sessions.end(session)
        #expect(!isGood(fixture, cookie) && isGood(fixture, other))
        let killed = try await fixture.killed(as: "killed")
        #expect(!isGood(killed, cookie) && isGood(killed, other))
        await killed.engine.close()
        await fixture.engine.close()
    }

    @Test("ends when its key is revoked or rotated out, or its tenant suspended")
    func key() async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let revoked = try await fixture.makeKey()
        let rotated = try await fixture.makeKey()
        let kept = try await fixture.makeKey()
        let cookies = try [revoked, rotated, kept].map { try begin(fixture, $0.key).1 }
        _ = try await RevokeKey(id: revoked.id).perform(on: fixture.engine)
        _ = try await RotateKey(id: rotated.id, overlapSeconds: 60).perform(on: fixture.engine)
        #expect(cookies.map { isGood(fixture, $0) } == [false, true, true])
        fixture.advance(seconds: 60)
        #expect(cookies.map { isGood(fixture, $0) } == [false, false, true])
        _ = try await SuspendTenant(tenant: "acme", isSuspended: true).perform(on: fixture.engine)
        #expect(!isGood(fixture, cookies[2]))
        #expect(await fixture.code { _ = try begin(fixture, kept.key) } == .unauthenticated)
        await fixture.engine.close()
    }

    @Test("begins with a secret key alone")
    func kinds() async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let others = [
            try await fixture.makeKey(kind: "publishable").key, try await fixture.makeKey(kind: "privacy").key, try await fixture.mint(),
            "",
        ]
        for credential in others {
            #expect(await fixture.code { _ = try begin(fixture, credential) } == .unauthenticated)
        }
        await fixture.engine.close()
    }

    @Test("compares form tokens of one session")
    func formTokens() async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let key = try await fixture.makeKey().key
        let (first, cookie) = try begin(fixture, key)
        let (second, _) = try begin(fixture, key)
        let resumed = try #require(fixture.engine.sessions.resume(cookie: cookie))
        #expect(resumed.admits(formToken: try first.formToken()))
        #expect(!second.admits(formToken: try first.formToken()) && !first.admits(formToken: ""))
        #expect(resumed.keyID == first.keyID && resumed.tenant == "acme")
        await fixture.engine.close()
    }
}
