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

    @Test func aKeyIsRotatedOnce() async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let old = try await fixture.makeKey()
        await withTaskGroup { group in
            for overlap in [10, 1000, 1000, 1000] {
                group.addTask { _ = try? await RotateKey(id: old.id, overlapSeconds: overlap).perform(on: fixture.engine) }
            }
        }
        let keys = try await ListKeys(tenant: "acme").perform(on: fixture.engine)
        #expect(keys.count == 2)
        #expect(await fixture.code { _ = try await RotateKey(id: old.id, overlapSeconds: 1).perform(on: fixture.engine) } == .conflict)
        // Its successor goes on as the old one did.
        let successor = try #require(keys.first { $0.id != old.id })
        _ = try await RotateKey(id: successor.id, overlapSeconds: 1).perform(on: fixture.engine)
        let reopened = try await fixture.reopened()
        #expect(try await ListKeys(tenant: "acme").perform(on: reopened.engine).count == 3)
        #expect(await reopened.code { _ = try await RotateKey(id: old.id, overlapSeconds: 1).perform(on: reopened.engine) } == .conflict)
    }

    @Test func keysThatAreGoodAreBounded() async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        try await fixture.makeTenant("other")
        let key = try await fixture.makeKey()
        let codes = await withTaskGroup { group in
            for _ in 0..<(Limits.keysPerTenantMax + 4) {
                group.addTask { await fixture.code { _ = try await fixture.makeKey(kind: "publishable") } }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.count { $0 == nil } == Limits.keysPerTenantMax - 1 && codes.count { $0 == .conflict } == 5)
        _ = try await fixture.makeKey("other")
        // The old key would go on beside the new one.
        #expect(await fixture.code { _ = try await RotateKey(id: key.id, overlapSeconds: 1).perform(on: fixture.engine) } == .conflict)
        _ = try fixture.scope(key.key)
        let new = try await RotateKey(id: key.id, overlapSeconds: 0).perform(on: fixture.engine)
        #expect(await fixture.code { _ = try await fixture.makeKey() } == .conflict)
        _ = try await RevokeKey(id: new.id).perform(on: fixture.engine)
        _ = try await fixture.makeKey()
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
            let before = try await ListKeys(tenant: "acme").perform(on: fixture.engine).count
            async let made = try? RotateKey(id: key.id, overlapSeconds: 1000).perform(on: fixture.engine)
            async let revoked = try? RevokeKey(id: key.id).perform(on: fixture.engine)
            let shown = await (made, revoked).0 == nil ? 0 : 1
            #expect(await fixture.code { _ = try fixture.scope(key.key) } == .unauthenticated)
            // Where the rotation is refused there is no new key, which nobody was shown.
            #expect(try await ListKeys(tenant: "acme").perform(on: fixture.engine).count == before + shown)
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

    @Test(
        arguments: [
            "http", "https://", "https://a/b", "ftp://a", "https://a b", "a.example", "https://u@a", "https://a:b:c", "https://'x",
            "https://a:", "https://a:0", "https://a:65536", "https://a:+80", "https://a:80:80", "https://:80",
            "https://a..b", "https://.", "https://[::1", "https://[]", "https://[x]", "https://[::1]x", "https://[::1]:", "https://::1",
            "https://é.example", "https://a.example\n", "https://*.example", "https://a.example/", "https://a.example?", "https://a#",
            "https://1.2.3", "https://0x7f.0.0.1", "https://a.1", "https://127.0.0.01", "https://256.1.1.1", "null", "",
        ])
    func anOriginOfAnotherFormIsWrongUsage(origin: String) async throws {
        #expect(try await code(ofMaking: "publishable", origin) == .invalid)
    }

    @Test(
        arguments: [
            "https://a.example", "http://localhost:8080", "https://A-1.example:65535", "http://127.0.0.1:1", "https://[::1]",
            "https://[2001:db8::7]:443", "https://xn--bcher-kva.example",
        ])
    func originsAreForPublishableKeys(origin: String) async throws {
        #expect(try await code(ofMaking: "publishable", origin) == nil)
        for kind in ["secret", "privacy"] { #expect(try await code(ofMaking: kind, origin) == .invalid) }
    }

    /// As browsers write it (RFC 6454, URL Standard): a key that is made for what no browser sends would refuse its own pages.
    @Test(
        arguments: [
            ("https://Shop.Example", "https://shop.example"), ("HTTPS://shop.example:443", "https://shop.example"),
            ("http://shop.example:80", "http://shop.example"), ("http://shop.example:443", "http://shop.example:443"),
            ("https://shop.example:08443", "https://shop.example:8443"), ("http://[0:0:0:0:0:0:0:1]:3000", "http://[::1]:3000"),
            ("https://[2001:DB8:0:0:1:0:0:7]", "https://[2001:db8::1:0:0:7]"), ("https://[1:0:3:4:5:6:7:8]", "https://[1:0:3:4:5:6:7:8]"),
            ("https://[::ffff:1.2.3.4]:443", "https://[::ffff:102:304]"), ("https://[::]", "https://[::]"),
            ("https://[1::]", "https://[1::]"),
            ("http://my_shop.local", "http://my_shop.local"), ("http://127.0.0.1", "http://127.0.0.1"), ("https://a.1e", "https://a.1e"),
        ])
    func anOriginIsKeptAsBrowsersWriteIt(written: String, kept: String) async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let key = try await CreateKey(tenant: "acme", kind: "publishable", label: "", origins: [written, kept]).perform(on: fixture.engine)
        #expect(key.origins == [kept])
        let scope = try fixture.scope(key.key)
        for sent in [written, kept] { try fixture.engine.access.checkOrigin(sent, of: scope) }
        for sent in [nil, "null", "\(kept)0", "\(kept).evil", "https://evil/\(kept)", "\(kept), \(kept)", ""] {
            #expect(await fixture.code { try fixture.engine.access.checkOrigin(sent, of: scope) } == .forbidden, "\(sent ?? "none")")
        }
    }

    private func code(ofMaking kind: String, _ origin: String) async throws -> EngineError.Code? {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let operation = try CreateKey(tenant: "acme", kind: kind, label: "", origins: [origin])
        return await fixture.code { _ = try await operation.perform(on: fixture.engine) }
    }
}
