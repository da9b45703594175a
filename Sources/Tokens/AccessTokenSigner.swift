package import AttuneCrypto

/// Signs access tokens with one tenant's key.
package struct AccessTokenSigner: Sendable {
    /// What `typ` says in an access token (RFC 9068, section 2.1), so that nothing else that the key signed passes for one.
    static let type = "at+jwt"

    package let publicKey: JSONWebKey
    private let key: Ed25519.PrivateKey
    private let headerPart: [UInt8]

    package init(_ key: Ed25519.PrivateKey) {
        self.key = key
        publicKey = JSONWebKey(key.publicKey, for: .tokens)
        var writer = JSONObjectWriter()
        writer.member("alg", publicKey.algorithm)
        writer.member("kid", publicKey.keyID)
        writer.member("typ", Self.type)
        headerPart = Base64URL.encodeToBytes(Array(writer.finish().utf8))
    }

    /// - Throws: `malformed` where the token would be longer than a verifier accepts, `cryptography` where signing failed.
    package func sign(_ claims: AccessTokenClaims) throws(TokenError) -> String {
        let signingInput = headerPart + [UInt8(ascii: ".")] + Base64URL.encodeToBytes(Array(claims.json.utf8))
        let signature: [UInt8]
        do throws(CryptoError) {
            signature = try key.signature(for: signingInput)
        } catch { throw TokenError(.cryptography, "sign a token") }
        let token = signingInput + [UInt8(ascii: ".")] + Base64URL.encodeToBytes(signature)
        guard token.count <= CompactJWS.byteCountMax else { throw TokenError(.malformed, "sign a token") }
        return String(decoding: token, as: UTF8.self)
    }
}
