import AttuneCrypto
import Store
import SwiftProtobuf
import Synchronization
import Tokens

/// User tokens: minted and revoked by the tenant's servers, verifiable by anyone with the tenant's JWKS.
package struct AccessTokens: Sendable {
    let directory: TenantDirectory
    let verification: TokenVerification
    let clock: @Sendable () -> Timestamp

    package struct Minted: Sendable {
        package let token: String
        package let expiresInSeconds: Int
        package let jti: String
    }

    /// The members of an active token's introspection (RFC 7662, 2.2).
    package struct Introspection: Sendable {
        package let issuer: String
        package let audience: String
        package let subject: String
        package let tenant: String
        package let scope: String
        package let issuedAt: Int64
        package let notBefore: Int64
        package let expiresAt: Int64
        package let jti: String
    }

    /// Signs a token for one user of the caller's tenant.
    /// - Parameters:
    ///   - scopes: separated by spaces; nil: the first three.
    ///   - ttlSeconds: 1 to 86,400; nil: 900.
    package func mint(_ scope: Scope, user: UserID, scopes: String?, ttlSeconds: Int?) async throws(EngineError) -> Minted {
        try scope.authorize(.manageTokens)
        return try sign(scope, user: user, scopes: scopes, ttlSeconds: ttlSeconds)
    }

    private func sign(_ scope: Scope, user: UserID, scopes: String?, ttlSeconds: Int?) throws(EngineError) -> Minted {
        let granted = try Self.scopes(scopes)
        let ttlSeconds = ttlSeconds ?? Limits.tokenLifeSecondsDefault
        guard (1...Limits.tokenLifeSecondsMax).contains(ttlSeconds) else {
            throw .invalid("/ttlSeconds", "must be 1 to 86400")
        }
        guard let key = scope.tenant.signingKey(at: scope.now) else {
            throw EngineError(.internalError, "The tenant has no token key.")
        }
        let id = Base64URL.encode(SecureRandom.bytes(16))
        let issuedAt = scope.now.seconds
        let claims = AccessTokenClaims(
            issuer: verification.issuer(of: scope.tenant.name), audience: [TokenVerification.audience], subject: user.text,
            tenant: scope.tenant.name.text, scope: TokenScope.list(granted), issuedAtSeconds: issuedAt, notBeforeSeconds: issuedAt,
            expiresAtSeconds: issuedAt + Int64(ttlSeconds), id: id)
        do {
            return Minted(token: try key.signer.sign(claims), expiresInSeconds: ttlSeconds, jti: id)
        } catch {
            throw EngineError(.internalError, "The token could not be signed.")
        }
    }

    /// Makes a link that opens the privacy center for one user of the caller's tenant, once.
    /// - Parameters:
    ///   - scopes: `privacy:export`, `privacy:erase`, or both, separated by a space; nil: both.
    ///   - ttlSeconds: 1 to 86,400; nil: 86,400, since links are sent by mail.
    package func link(
        _ scope: Scope, user: UserID, scopes: String?, ttlSeconds: Int?
    ) throws(EngineError) -> (url: String, expiresAt: Timestamp) {
        try scope.authorize(.manageRequests)
        let scopes = scopes ?? TokenScope.list([.privacyExport, .privacyErase])
        guard Set(try Self.scopes(scopes)).isSubset(of: [.privacyExport, .privacyErase]) else {
            throw .invalid("/scope", "must be privacy:export, privacy:erase, or both")
        }
        let minted = try sign(scope, user: user, scopes: scopes, ttlSeconds: ttlSeconds ?? Limits.tokenLifeSecondsMax)
        return (verification.linkURL(of: minted.token), scope.now.adding(seconds: Int64(minted.expiresInSeconds)))
    }

    private static func scopes(_ list: String?) throws(EngineError) -> [TokenScope] {
        guard let list else { return TokenScope.defaults }
        let (scopes, unknown) = TokenScope.parse(list)
        guard unknown.isEmpty, !scopes.isEmpty else { throw .invalid("/scope", "names a scope that does not exist") }
        return scopes
    }

    /// What a token says, if it is good now and of the caller's tenant; nil otherwise (RFC 7662).
    package func introspect(_ scope: Scope, token: String) async throws(EngineError) -> Introspection? {
        try scope.authorize(.introspectTokens)
        return verification.claims(token, of: scope.tenant, now: scope.now).map { claims in
            Introspection(
                issuer: claims.issuer, audience: TokenVerification.audience, subject: claims.subject, tenant: claims.tenant,
                scope: claims.scope, issuedAt: claims.issuedAtSeconds, notBefore: claims.notBeforeSeconds,
                expiresAt: claims.expiresAtSeconds, jti: claims.id)
        }
    }

    /// Refuses a token from here on, also after a crash. One that is not good, or not this tenant's, is a success too (RFC 7009, 2.2).
    package func revoke(_ scope: Scope, token: String) async throws(EngineError) {
        try scope.authorize(.manageTokens)
        let tenant = scope.tenant
        let claims = verification.claims(token, of: tenant, now: scope.now)
        let digest = try claims.map { claims throws(EngineError) in try tenant.revocationDigest(ofTokenID: claims.id) }
        let expiresAt = Timestamp(seconds: (claims?.expiresAtSeconds ?? 0) + Int64(Limits.clockSkewSecondsMax))
        let revocation = digest.map { Keyspace.revocation(digest: $0) }
        let keys = [revocation, scope.idempotency?.key].compactMap(\.self)
        guard !keys.isEmpty else { return }
        let change: @Sendable (inout TableDraft) throws(EngineError) -> Void = { table throws(EngineError) in
            if let revocation {
                let record = RevocationRecord.with { $0.revokedAt = scope.now.milliseconds }
                try table.put(revocation, record, expiresAt: expiresAt)
            }
            try scope.idempotency?.keep(in: &table, now: scope.now)
        }
        if let claims {
            let noted = try AuditEntry("token-revoked", object: claims.id, by: scope.principal.actor, in: tenant.name, at: scope.now)
            try await AuditLog(tenant: tenant).write(keys, noting: noted, now: scope.now, change)
        } else {
            try await tenant.table.write(keys, now: scope.now, change)
        }
        if let digest { tenant.state.withLock { $0.revocations[digest] = expiresAt } }
    }

    /// The tenant's public keys as a JWK set; nil where there is no such tenant.
    package func keySet(tenant name: String) async throws(EngineError) -> [UInt8]? {
        guard let name = TenantName(name) else { return nil }
        let now = clock()
        let proofKeys = try await directory.proofKeys(of: name, now: now).map { JSONWebKey($0, for: .proofs) }
        guard let tenant = directory.tenant(name) else {
            // Proofs outlive their tenant.
            return proofKeys.isEmpty ? nil : Array(JSONWebKeySet(proofKeys).json.utf8)
        }
        let keys = tenant.state.withLock { $0.signingKeys.filter { $0.verifies(at: now) }.map(\.signer.publicKey) }
        return Array(JSONWebKeySet(keys + proofKeys).json.utf8)
    }
}

extension Tenant {
    /// The key that signs at that moment: the newest of those that have been published long enough. Where the clock was put back behind
    /// all of them, the oldest signs, which has been published longest.
    func signingKey(at now: Timestamp) -> SigningKey? {
        state.withLock { state in
            let valid = state.signingKeys.filter { $0.verifies(at: now) }
            return valid.last { $0.signsFrom <= now } ?? valid.min { $0.signsFrom < $1.signsFrom }
        }
    }
}
