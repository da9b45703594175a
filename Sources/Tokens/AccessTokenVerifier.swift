package import AttuneCrypto

/// A key that signs access tokens, and whose tokens they are.
package struct TrustedTokenKey: Sendable {
    package let publicKey: Ed25519.PublicKey
    /// What `iss` must say in this key's tokens.
    package let issuer: String
    /// What `tid` must say.
    package let tenant: String

    package init(publicKey: Ed25519.PublicKey, issuer: String, tenant: String) {
        self.publicKey = publicKey
        self.issuer = issuer
        self.tenant = tenant
    }
}

/// Decides whether an access token is good now; knows no store, no HTTP and no clock.
package struct AccessTokenVerifier: Sendable {
    package static let skewSecondsMax: Int64 = 60

    private let audience: String
    private let skewSeconds: Int64

    /// - Parameter skewSeconds: by how much clocks may differ, 0 to 60.
    package init(audience: String, skewSeconds: Int64 = skewSecondsMax) {
        precondition((0...Self.skewSecondsMax).contains(skewSeconds), "the skew is out of bounds")
        self.audience = audience
        self.skewSeconds = skewSeconds
    }

    /// Checks form, header, signature and claims, in this order: nothing in the claims is looked at before the signature holds.
    ///
    /// - Parameter trustedKey: finds a key by `kid`; nil for keys unknown or no longer valid. Tells also whose key it is: key,
    ///   `iss` and `tid` have to name the same tenant.
    package func verify(
        _ token: String, nowSeconds: Int64, trustedKey: (_ keyID: String) -> TrustedTokenKey?
    ) throws(TokenError) -> AccessTokenClaims {
        let jws = try CompactJWS(token)
        guard jws.type == AccessTokenSigner.type else { throw TokenError(.wrongType, "verify a token") }
        guard let keyID = jws.keyID, let key = trustedKey(keyID) else { throw TokenError(.unknownKey, "verify a token") }
        try jws.verify(with: .ed25519(key.publicKey))
        let claims = try AccessTokenClaims(json: jws.payload)
        try check(claims, against: key)
        try checkTimes(of: claims, nowSeconds: nowSeconds)
        return claims
    }

    // Compared by bytes: `String`'s `==` takes texts for equal that differ in normalization.
    private func check(_ claims: AccessTokenClaims, against key: TrustedTokenKey) throws(TokenError) {
        guard claims.issuer.utf8.elementsEqual(key.issuer.utf8) else { throw TokenError(.wrongIssuer, "verify a token") }
        guard claims.tenant.utf8.elementsEqual(key.tenant.utf8) else { throw TokenError(.wrongTenant, "verify a token") }
        guard claims.audience.contains(where: { $0.utf8.elementsEqual(audience.utf8) }) else {
            throw TokenError(.wrongAudience, "verify a token")
        }
    }

    private func checkTimes(of claims: AccessTokenClaims, nowSeconds: Int64) throws(TokenError) {
        guard nowSeconds - skewSeconds < claims.expiresAtSeconds else { throw TokenError(.expired, "verify a token") }
        guard nowSeconds + skewSeconds >= claims.notBeforeSeconds, nowSeconds + skewSeconds >= claims.issuedAtSeconds else {
            throw TokenError(.notYetValid, "verify a token")
        }
        guard claims.notBeforeSeconds < claims.expiresAtSeconds, claims.issuedAtSeconds < claims.expiresAtSeconds,
            claims.expiresAtSeconds - claims.issuedAtSeconds <= AccessTokenClaims.lifeSecondsMax
        else { throw TokenError(.implausibleTimes, "verify a token") }
    }
}
