import AttuneCrypto
import Tokens

/// Makes tokens out of any header and any claims, right or wrong.
struct Forge {
    static let issuer = "https://attune.example/tenants/acme"
    static let nowSeconds: Int64 = 1_750_000_000

    let key: Ed25519.PrivateKey
    let keyID: String

    init() throws {
        key = try Ed25519.PrivateKey.generate()
        keyID = JSONWebKey(key.publicKey).keyID
    }

    static func claims(
        issuedAt: Int64 = nowSeconds, notBefore: Int64 = nowSeconds, expiresAt: Int64 = nowSeconds + 900
    ) -> AccessTokenClaims {
        AccessTokenClaims(
            issuer: issuer, audience: ["attune"], subject: "user-1", tenant: "acme", scope: "personalization:read",
            issuedAtSeconds: issuedAt, notBeforeSeconds: notBefore, expiresAtSeconds: expiresAt, id: "token-1")
    }

    var header: String { #"{"alg":"EdDSA","kid":"\#(keyID)","typ":"at+jwt"}"# }

    /// The claims' members as JSON, to be replaced one by one.
    static let members: [(name: String, value: String)] = [
        ("iss", "\"\(issuer)\""), ("aud", #""attune""#), ("sub", #""user-1""#), ("tid", #""acme""#), ("scope", #""personalization:read""#),
        ("iat", "\(nowSeconds)"), ("nbf", "\(nowSeconds)"), ("exp", "\(nowSeconds + 900)"), ("jti", #""token-1""#),
    ]

    /// - Parameter value: JSON; nil leaves the member out.
    static func claimsJSON(_ name: String = "", _ value: String? = "") -> String {
        let members = members.compactMap { member in
            (member.name == name ? value : member.value).map { "\"\(member.name)\":\($0)" }
        }
        return "{" + members.joined(separator: ",") + "}"
    }

    func token(header: String? = nil, claims: String = claimsJSON()) throws -> String {
        let signingInput = Base64URL.encode(Array((header ?? self.header).utf8)) + "." + Base64URL.encode(Array(claims.utf8))
        return try signingInput + "." + Base64URL.encode(key.signature(for: Array(signingInput.utf8)))
    }

    /// What the verifier makes of a token; `trusting` is what it knows about this key.
    func verify(
        _ token: String, nowSeconds: Int64 = nowSeconds, skewSeconds: Int64 = 60, issuer: String = issuer, tenant: String = "acme"
    ) throws(TokenError) -> AccessTokenClaims {
        try AccessTokenVerifier(audience: "attune", skewSeconds: skewSeconds).verify(token, nowSeconds: nowSeconds) { keyID in
            keyID == self.keyID ? TrustedTokenKey(publicKey: key.publicKey, issuer: issuer, tenant: tenant) : nil
        }
    }

    /// The code with which a token is refused; nil where it is accepted.
    func refusal(
        _ token: String, nowSeconds: Int64 = nowSeconds, skewSeconds: Int64 = 60, issuer: String = issuer, tenant: String = "acme"
    ) -> TokenError.Code? {
        do throws(TokenError) {
            _ = try verify(token, nowSeconds: nowSeconds, skewSeconds: skewSeconds, issuer: issuer, tenant: tenant)
            return nil
        } catch { return error.code }
    }
}
