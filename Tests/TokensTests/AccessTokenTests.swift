import AttuneCrypto
import Testing
import Tokens

/// What a signer signs, a verifier accepts; and who else's it refuses.
@Suite struct AccessTokenTests {
    private let forge: Forge

    init() throws { forge = try Forge() }

    @Test func aSignedTokenVerifies() throws {
        let token = try AccessTokenSigner(forge.key).sign(Forge.claims())
        #expect(try forge.verify(token) == Forge.claims())
    }

    @Test func theHeaderIsExact() throws {
        let signer = AccessTokenSigner(forge.key)
        let header = try signer.sign(Forge.claims()).split(separator: ".").first.map(String.init)
        #expect(header.flatMap { Base64URL.decode($0) } == Array(forge.header.utf8))
        #expect(signer.publicKey.keyID == forge.keyID)
    }

    @Test(arguments: ["Zoë \"quoted\" \\ back/slash", "\u{1}\n\t\u{7f}", "e\u{301} is not \u{e9}", "😀"])
    func textSurvivesByteForByte(subject: String) throws {
        var claims = Forge.claims()
        claims.subject = subject
        let verified = try forge.verify(AccessTokenSigner(forge.key).sign(claims))
        #expect(Array(verified.subject.utf8) == Array(subject.utf8))
    }

    @Test func escapedTextIsRead() throws {
        let token = try forge.token(claims: Forge.claimsJSON("sub", #""\u00e9\ud83d\ude00\n\/\"\\""#))
        #expect(try forge.verify(token).subject == "é😀\n/\"\\")
    }

    @Test func anAudienceMayBeOneOfSeveral() throws {
        let token = try forge.token(claims: Forge.claimsJSON("aud", #"["other","attune"]"#))
        #expect(try forge.verify(token).audience == ["other", "attune"])
        #expect(try forge.refusal(forge.token(claims: Forge.claimsJSON("aud", #"["other"]"#))) == .wrongAudience)
        #expect(try forge.refusal(forge.token(claims: Forge.claimsJSON("aud", "[]"))) == .wrongAudience)
        #expect(try forge.refusal(forge.token(claims: Forge.claimsJSON("aud", #""attune ""#))) == .wrongAudience)
    }

    @Test func claimsUnknownToUsAreIgnored() throws {
        let claims = Forge.claimsJSON().dropLast() + #","extra":{"nested":[1.5e3,true,null,-0]}}"#
        #expect(try forge.verify(forge.token(claims: String(claims))) == Forge.claims())
    }

    @Test func keyTenantAndIssuerMustAgree() throws {
        let token = try AccessTokenSigner(forge.key).sign(Forge.claims())
        #expect(forge.refusal(token, tenant: "other") == .wrongTenant)
        #expect(forge.refusal(token, issuer: "https://attune.example/tenants/other") == .wrongIssuer)
        #expect(try forge.refusal(forge.token(claims: Forge.claimsJSON("tid", #""other""#))) == .wrongTenant)
        #expect(try forge.refusal(forge.token(claims: Forge.claimsJSON("iss", #""https://attune.example/tenants/other""#))) == .wrongIssuer)
    }

    @Test func textsThatOnlyLookAlikeDiffer() throws {
        let token = try forge.token(claims: Forge.claimsJSON("tid", "\"caf\u{e9}\""))
        #expect(forge.refusal(token, tenant: "caf\u{e9}") == nil)
        #expect(forge.refusal(token, tenant: "cafe\u{301}") == .wrongTenant)
    }

    @Test(arguments: [Int64(0), 30, 60])
    func timesHoldToTheSecond(skew: Int64) throws {
        let now = Forge.nowSeconds
        let token = try AccessTokenSigner(forge.key).sign(Forge.claims())
        #expect(forge.refusal(token, nowSeconds: now + 900 + skew - 1, skewSeconds: skew) == nil)
        #expect(forge.refusal(token, nowSeconds: now + 900 + skew, skewSeconds: skew) == .expired)
        #expect(forge.refusal(token, nowSeconds: now - skew, skewSeconds: skew) == nil)
        #expect(forge.refusal(token, nowSeconds: now - skew - 1, skewSeconds: skew) == .notYetValid)
    }

    @Test func issuedInTheFutureIsNotYetValid() throws {
        let now = Forge.nowSeconds
        let token = try AccessTokenSigner(forge.key).sign(Forge.claims(issuedAt: now + 61, notBefore: now))
        #expect(forge.refusal(token) == .notYetValid)
        #expect(forge.refusal(token, nowSeconds: now + 1) == nil)
    }

    @Test func timesMustMakeSense() throws {
        let now = Forge.nowSeconds
        let day = AccessTokenClaims.lifeSecondsMax
        let signer = AccessTokenSigner(forge.key)
        #expect(try forge.refusal(signer.sign(Forge.claims(expiresAt: now + day))) == nil)
        #expect(try forge.refusal(signer.sign(Forge.claims(expiresAt: now + day + 1))) == .implausibleTimes)
        #expect(try forge.refusal(signer.sign(Forge.claims(issuedAt: now + 5, expiresAt: now + 5))) == .implausibleTimes)
        #expect(try forge.refusal(signer.sign(Forge.claims(notBefore: now + 5, expiresAt: now + 5))) == .implausibleTimes)
    }

    @Test func aTokenTooLongForAnyVerifierIsNotSigned() throws {
        var claims = Forge.claims()
        claims.subject = String(repeating: "x", count: CompactJWS.byteCountMax)
        #expect(throws: TokenError(.malformed, "sign a token")) { try AccessTokenSigner(forge.key).sign(claims) }
    }
}
