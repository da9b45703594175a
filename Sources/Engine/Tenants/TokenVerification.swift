import AttuneCrypto
import Store
import Synchronization
import Tokens

/// Verifies user tokens and remembers which did: a signature costs 176 µs, a look-up in memory less than one.
final class TokenVerification: Sendable {
    static let audience = "attune"

    private struct Verified: Sendable {
        let tenant: Tenant
        let claims: AccessTokenClaims
        let principal: Principal
        let revocationDigest: String
        let keyID: String
    }

    private let directory: TenantDirectory
    private let publicURL: PublicURL
    private let verifier = AccessTokenVerifier(audience: audience, skewSeconds: Int64(Limits.clockSkewSecondsMax))
    private let remembered = Mutex(TwoGenerationCache<[UInt8], Verified>(entriesMax: Limits.verifiedTokensMax))

    init(directory: TenantDirectory, publicURL: PublicURL) {
        self.directory = directory
        self.publicURL = publicURL
    }

    func issuer(of tenant: TenantName) -> String { "\(publicURL.text)/tenants/\(tenant.text)" }

    /// Where a token for a person's own data is used.
    func linkURL(of token: String) -> String { "\(publicURL.text)/privacy-center?token=\(token)" }

    func principal(_ token: String, now: Timestamp) throws(EngineError) -> (Principal, Tenant) {
        let verified = try verify(token, now: now)
        return (verified.principal, verified.tenant)
    }

    /// The claims of a token that is good now; nil for any other.
    func claims(_ token: String, of tenant: Tenant, now: Timestamp) -> AccessTokenClaims? {
        guard let verified = try? verify(token, now: now), verified.tenant === tenant else { return nil }
        return verified.claims
    }

    /// Why a token is refused; nil: it is good. Says something only of a token that one of our keys has signed.
    func refusal(of token: String, now: Timestamp) -> TokenRefusal? {
        if (try? verify(token, now: now)) != nil { return nil }
        // As of its last second: whether all but the time is right.
        guard let jws = try? CompactJWS(token), let claims = try? AccessTokenClaims(json: jws.payload),
            let verified = try? verifyAnew(token, now: Timestamp(seconds: claims.expiresAtSeconds - 1))
        else { return .invalid }
        if verified.tenant.state.withLock({ $0.revocations[verified.revocationDigest] != nil }) { return .revoked }
        return now.seconds >= claims.expiresAtSeconds ? .expired : .invalid
    }

    private func verify(_ token: String, now: Timestamp) throws(EngineError) -> Verified {
        let digest = SHA256.digest(Array(token.utf8))
        let known = remembered.withLock { $0.value(digest) }
        let verified: Verified
        if let known { verified = known } else { verified = try verifyAnew(token, now: now) }
        // Tokens end on the second: they are made and judged by the same clock, or by clocks of one installation.
        let isStillGood =
            now.seconds < verified.claims.expiresAtSeconds
            && verified.tenant.state.withLock { state in
                state.revocations[verified.revocationDigest] == nil
                    && state.signingKeys.contains { $0.signer.publicKey.keyID == verified.keyID && $0.verifies(at: now) }
            }
        guard isStillGood else {
            remembered.withLock { $0.remove(digest) }
            throw Self.refusal
        }
        if known == nil { remembered.withLock { $0.insert(verified, for: digest) } }
        return verified
    }

    private static let refusal = EngineError(.unauthenticated, "The credential is not valid.")

    private func verifyAnew(_ token: String, now: Timestamp) throws(EngineError) -> Verified {
        var found: (tenant: Tenant, key: SigningKey)?
        let claims: AccessTokenClaims
        do {
            claims = try verifier.verify(token, nowSeconds: now.seconds) { keyID in
                guard let known = directory.tokenKey(keyID), known.key.verifies(at: now) else { return nil }
                found = known
                let name = known.tenant.name
                return TrustedTokenKey(publicKey: known.key.publicKey, issuer: issuer(of: name), tenant: name.text)
            }
        } catch {
            throw Self.refusal
        }
        guard let (tenant, key) = found, let user = try? UserID(claims.subject) else { throw Self.refusal }
        let scopes = Set(TokenScope.parse(claims.scope).scopes)
        return Verified(
            tenant: tenant, claims: claims,
            principal: Principal(tenant: tenant.name, kind: .user(user, scopes: scopes), credentialID: claims.id),
            revocationDigest: try tenant.revocationDigest(ofTokenID: claims.id), keyID: key.signer.publicKey.keyID)
    }
}

/// Why a token is refused, for whoever holds it.
package enum TokenRefusal: Sendable {
    /// Changed, cut, or of a key that is no longer valid.
    case invalid
    case expired
    /// Revoked, or spent: a link of the privacy center works once.
    case revoked
}

extension Tenant {
    func revocationDigest(ofTokenID id: String) throws(EngineError) -> String {
        try table.digest([Array("jti".utf8), Array(id.utf8)])
    }
}
