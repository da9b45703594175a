import Engine
import Testing
import Tokens

@Suite("API keys") struct APIKeyTests {
    @Test(arguments: ["secret", "publishable", "privacy"])
    func aKeyIsGoodUntilItIsRevoked(kind: String) async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let made = try await fixture.makeKey(kind: kind)
        let scope = try fixture.scope(made.key)
        #expect(scope.principal.tenant.text == "acme")
        #expect(scope.principal.credentialID == made.id)
        let reopened = try await fixture.reopened()
        _ = try reopened.scope(made.key)
        _ = try await RevokeKey(id: made.id).perform(on: reopened.engine)
        #expect(await reopened.code { _ = try reopened.scope(made.key) } == .unauthenticated)
        let killed = try await reopened.killed(as: "copy")
        #expect(await killed.code { _ = try killed.scope(made.key) } == .unauthenticated)
        #expect(await killed.code { _ = try await RotateKey(id: made.id, overlapSeconds: nil).perform(on: killed.engine) } == .conflict)
    }

    @Test func aKeyWithTheRightIdAndAnythingElseWrongIsRefused() async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let key = try await fixture.makeKey().key
        let other = try await fixture.makeKey().key
        func body(_ key: String) -> String { String(key.dropFirst(7).prefix(30)) }
        func sealed(_ prefix: String, _ body: String) -> String {
            let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
            var (rest, checksum) = (Int(Array(body.utf8).withUnsafeBytes { CRC32.checksum($0) }), "")
            for _ in 0..<6 {
                checksum = String(digits[rest % 62]) + checksum
                rest /= 62
            }
            return prefix + body + checksum
        }
        #expect(sealed("att_sk_", body(key)) == key)
        let wrong = [
            sealed("att_sk_", String(body(key).prefix(8)) + String(body(other).suffix(22))), sealed("att_pk_", body(key)),
            sealed("att_dk_", body(key)),
            String(key.dropLast()), key + "a", "att_sk_", "att_xx_" + key.dropFirst(7), String(key.dropLast()) + "!", "", "att_sk_é",
        ]
        for credential in wrong { #expect(await fixture.code { _ = try fixture.scope(credential) } == .unauthenticated) }
        _ = try fixture.scope(key)
    }

    @Test func theOldKeyEndsWithTheOverlapToTheSecond() async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let old = try await CreateKey(tenant: "acme", kind: "publishable", label: "web", origins: ["https://a.example"])
            .perform(on: fixture.engine)
        let new = try await RotateKey(id: old.id, overlapSeconds: 100).perform(on: fixture.engine)
        #expect(new.label == "web")
        #expect(new.origins == ["https://a.example"])
        #expect(new.kind == "publishable")
        fixture.advance(seconds: 99)
        _ = try fixture.scope(old.key)
        fixture.advance(seconds: 1)
        #expect(await fixture.code { _ = try fixture.scope(old.key) } == .unauthenticated)
        _ = try fixture.scope(new.key)
        // A key that has ended is not brought back by rotating it again.
        #expect(await fixture.code { _ = try await RotateKey(id: old.id, overlapSeconds: 100).perform(on: fixture.engine) } == .conflict)
        let reopened = try await fixture.reopened()
        #expect(await reopened.code { _ = try reopened.scope(old.key) } == .unauthenticated)
        _ = try reopened.scope(new.key)
    }

    @Test func rotatingAgainDoesNotProlongTheOverlap() async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let old = try await fixture.makeKey()
        _ = try await RotateKey(id: old.id, overlapSeconds: 10).perform(on: fixture.engine)
        _ = try await RotateKey(id: old.id, overlapSeconds: 1000).perform(on: fixture.engine)
        fixture.advance(seconds: 10)
        #expect(await fixture.code { _ = try fixture.scope(old.key) } == .unauthenticated)
    }

    @Test(arguments: [-1, Int.max, Int.min])
    func anOverlapOutOfBoundsIsWrongUsage(seconds: Int) async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let key = try await fixture.makeKey()
        #expect(await fixture.code { _ = try await RotateKey(id: key.id, overlapSeconds: seconds).perform(on: fixture.engine) } == .invalid)
    }

    @Test func lastUseIsKept() async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let (used, unused) = (try await fixture.makeKey(), try await fixture.makeKey())
        fixture.advance(seconds: 5)
        _ = try fixture.scope(used.key)
        let moment = fixture.now
        fixture.advance(seconds: 5)
        await fixture.engine.tidy(logger: EngineFixture.logger)
        let killed = try await fixture.killed(as: "copy")
        let keys = try await ListKeys(tenant: "acme").perform(on: killed.engine)
        #expect(keys.first { $0.id == used.id }?.lastUsedAt == moment.rfc3339)
        #expect(keys.first { $0.id == unused.id }?.lastUsedAt == nil)
    }

    /// The slower caller of two that change a key must not bring back what the other has revoked.
    @Test func revokingAndRotatingAtOnceLeavesTheKeyRevoked() async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        for _ in 0..<20 {
            let key = try await fixture.makeKey()
            await withTaskGroup { group in
                group.addTask { _ = try? await RotateKey(id: key.id, overlapSeconds: 1000).perform(on: fixture.engine) }
                group.addTask { _ = try? await RevokeKey(id: key.id).perform(on: fixture.engine) }
            }
            #expect(await fixture.code { _ = try fixture.scope(key.key) } == .unauthenticated)
        }
    }

    /// As other names are: in Unicode scalars, of which one character that is seen may hold thousands.
    @Test(
        arguments: [
            ("", nil), ("web", nil), (String(repeating: "é", count: 128), nil), (String(repeating: "x", count: 129), .invalid),
            ("e" + String(repeating: "\u{301}", count: 128), .invalid), ("a\nb", .invalid), ("\u{85}", .invalid),
        ] as [(String, EngineError.Code?)])
    func aLabelIsBoundedAsNamesAre(label: String, code: EngineError.Code?) async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let operation = try CreateKey(tenant: "acme", kind: "secret", label: label, origins: [])
        #expect(await fixture.code { _ = try await operation.perform(on: fixture.engine) } == code)
    }

    @Test(arguments: ["http", "https://", "https://a/b", "ftp://a", "https://a b", "a.example", "https://u@a"])
    func anOriginOfAnotherFormIsWrongUsage(origin: String) async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let operation = try CreateKey(tenant: "acme", kind: "publishable", label: "", origins: [origin])
        #expect(await fixture.code { _ = try await operation.perform(on: fixture.engine) } == .invalid)
    }
}
