import Engine
import Foundation
import Testing

@Suite("AccessTokens") struct AccessTokenTests {
    /// Of the keys that verify tokens: the tenant's one proof key is published behind them.
    private func keyIDs(_ fixture: EngineFixture, _ tenant: String = "acme") async throws -> [String] {
        struct KeySet: Decodable {
            struct Key: Decodable { let kid: String }
            let keys: [Key]
        }
        let json = try #require(try await fixture.engine.tokens.keySet(tenant: tenant))
        return Array(try JSONDecoder().decode(KeySet.self, from: Data(json)).keys.map(\.kid).dropLast())
    }

    private func keyID(of token: String) throws -> String {
        struct Header: Decodable { let kid: String }
        var part = token.prefix { $0 != "." }.replacing("-", with: "+").replacing("_", with: "/")
        part += String(repeating: "=", count: (4 - part.count % 4) % 4)
        return try JSONDecoder().decode(Header.self, from: try #require(Data(base64Encoded: String(part)))).kid
    }

    @Test func aTokenSpeaksForItsUserAndEndsToTheSecond() async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let token = try await fixture.mint(user: "Zoë/1", ttlSeconds: 60)
        let scope = try fixture.scope(token)
        #expect(try scope.authorize(.readPersonalization, for: .me).id == UserID("Zoë/1"))
        fixture.advance(seconds: 59)
        _ = try fixture.scope(token)
        fixture.advance(seconds: 1)
        #expect(await fixture.code { _ = try fixture.scope(token) } == .unauthenticated)
        let reopened = try await fixture.reopened()
        #expect(await reopened.code { _ = try reopened.scope(token) } == .unauthenticated)
    }

    @Test(arguments: [0, -1, 86_401, Int.max])
    func aLifeOutOfBoundsIsInvalid(seconds: Int) async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        #expect(await fixture.code { _ = try await fixture.mint(ttlSeconds: seconds) } == .invalid)
    }

    @Test func anUnknownScopeIsInvalid() async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        #expect(await fixture.code { _ = try await fixture.mint(scopes: ["personalization:read", "all"]) } == .invalid)
    }

    @Test func aChangedTokenIsRefused() async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        try await fixture.makeTenant("other")
        let (token, foreign) = (try await fixture.mint(), try await fixture.mint("other"))
        #expect(try fixture.scope(foreign).principal.tenant.text == "other")
        let parts = token.split(separator: ".")
        let foreignParts = foreign.split(separator: ".")
        for wrong in [
            "\(parts[0]).\(foreignParts[1]).\(parts[2])", "\(foreignParts[0]).\(parts[1]).\(parts[2])", "\(parts[0]).\(parts[1]).",
            token + "A", String(token.dropLast(2)), "..", "a.b.c",
        ] {
            #expect(await fixture.code { _ = try fixture.scope(wrong) } == .unauthenticated)
        }
    }

    @Test func introspectionTellsOnlyTheTenantItself() async throws {
        let fixture = try await EngineFixture()
        let (scope, other) = (try await fixture.tenantScope(), try await fixture.tenantScope("other"))
        let token = try await fixture.mint(scopes: ["profile:read"], ttlSeconds: 60)
        let told = try #require(try await fixture.engine.tokens.introspect(scope, token: token))
        #expect(told.subject == "u1")
        #expect(told.tenant == "acme")
        #expect(told.scope == "profile:read")
        #expect(told.issuer == "https://attune.example/tenants/acme")
        #expect(told.expiresAt - told.issuedAt == 60)
        #expect(try await fixture.engine.tokens.introspect(other, token: token) == nil)
        #expect(try await fixture.engine.tokens.introspect(scope, token: "x") == nil)
        fixture.advance(seconds: 60)
        let later = try fixture.scope(try await fixture.makeKey().key)
        #expect(try await fixture.engine.tokens.introspect(later, token: token) == nil)
    }

    @Test func aRevokedTokenIsRefusedAtOnceAndAfterACrash() async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        let (token, stays) = (try await fixture.mint(), try await fixture.mint())
        for token in [token, stays] { _ = try fixture.scope(token) }
        try await fixture.engine.tokens.revoke(scope, token: token)
        #expect(await fixture.code { _ = try fixture.scope(token) } == .unauthenticated)
        #expect(try await fixture.engine.tokens.introspect(scope, token: token) == nil)
        let killed = try await fixture.killed(as: "copy")
        #expect(await killed.code { _ = try killed.scope(token) } == .unauthenticated)
        _ = try killed.scope(stays)
        // Once more, or of a token that is none, is a success.
        try await fixture.engine.tokens.revoke(scope, token: token)
        try await fixture.engine.tokens.revoke(scope, token: "none")
    }

    @Test func aTenantCannotRevokeAnothersToken() async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let other = try await fixture.tenantScope("other")
        let token = try await fixture.mint()
        try await fixture.engine.tokens.revoke(other, token: token)
        _ = try fixture.scope(token)
    }

    @Test func revokingWhileOthersVerifyLetsNoneInAfterwards() async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        for _ in 0..<10 {
            let token = try await fixture.mint()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<3 { group.addTask { for _ in 0..<50 { _ = try? fixture.scope(token) } } }
                group.addTask {
                    try await fixture.engine.tokens.revoke(scope, token: token)
                    #expect(await fixture.code { _ = try fixture.scope(token) } == .unauthenticated)
                }
                try await group.waitForAll()
            }
            #expect(await fixture.code { _ = try fixture.scope(token) } == .unauthenticated)
        }
    }

    // MARK: Rotation

    @Test func aNewKeyIsPublishedBeforeItSignsAndTheOldOneVerifiesUntilItsTokensHaveEnded() async throws {
        var fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let first = try await keyIDs(fixture)
        _ = try await RotateTokenKey(tenant: "acme", publishedAheadSeconds: 600).perform(on: fixture.engine)
        let both = try await keyIDs(fixture)
        #expect(both.count == 2)
        fixture.advance(seconds: 599)
        let last = try await fixture.mint(ttlSeconds: 86_400)
        #expect(try keyID(of: last) == first[0])
        fixture = try await fixture.reopened()
        fixture.advance(seconds: 1)
        let next = try await fixture.mint(ttlSeconds: 86_400)
        #expect(try both.contains(keyID(of: next)) && keyID(of: next) != first[0])
        fixture.advance(seconds: 86_398)
        for token in [last, next] { _ = try fixture.scope(token) }
        fixture.advance(seconds: 62)
        await fixture.engine.tidy(logger: EngineFixture.logger)
        #expect(try await keyIDs(fixture) == [keyID(of: next)])
        fixture = try await fixture.reopened()
        #expect(try await keyIDs(fixture) == [keyID(of: next)])
        _ = try fixture.scope(try await fixture.mint())
    }

    @Test func rotationsAtOnceLeaveKeysThatAllVerify() async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let codes = await withTaskGroup { group in
            for _ in 0..<6 {
                group.addTask {
                    await fixture.code {
                        _ = try await RotateTokenKey(tenant: "acme", publishedAheadSeconds: 0).perform(on: fixture.engine)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.allSatisfy { $0 == nil || $0 == .conflict })
        let token = try await fixture.mint()
        let ids = try await keyIDs(fixture)
        #expect(ids.count == 1 + codes.count { $0 == nil })
        let reopened = try await fixture.reopened()
        #expect(try await keyIDs(reopened) == ids)
        _ = try reopened.scope(token)
    }

    /// Seen by setting the clock back to when the token was good: what is forgotten is not refused any more.
    @Test func aRevocationIsForgottenWhenItsTokenHasEnded() async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        let token = try await fixture.mint(ttlSeconds: 60)
        try await fixture.engine.tokens.revoke(scope, token: token)
        fixture.advance(seconds: 119)
        await fixture.engine.tidy(logger: EngineFixture.logger)
        fixture.advance(seconds: -100)
        #expect(await fixture.code { _ = try fixture.scope(token) } == .unauthenticated)
        fixture.advance(seconds: 101)
        await fixture.engine.tidy(logger: EngineFixture.logger)
        fixture.advance(seconds: -100)
        _ = try fixture.scope(token)
        // The audit log does not forget: a record that was put back, or a clock, makes no revoked token good again.
        let reopened = try await fixture.reopened()
        #expect(await reopened.code { _ = try reopened.scope(token) } == .unauthenticated)
    }
}
