import AttuneCrypto
import Store
import SwiftProtobuf
import Synchronization
import Tokens

/// Sessions of operators in a browser: begun with a secret key, ended by time, by log-out, or with the key.
///
/// Nothing is stored while a session runs. Its cookie says which key it was begun with, when it ends and a random id, under an
/// HMAC-SHA-256 of the tenant's naming key; every request looks whether the key is still good. A log-out is stored as a revoked token is.
///
/// ```
/// 1.<key id>.<end, seconds since 1970>.<random id>.<HMAC of all before, 32 bytes>       random id and HMAC in base64url
/// ```
package struct OperatorSessions: Sendable {
    let access: AccessControl

    /// Begins a session.
    /// - Parameter key: a secret key, as it was typed.
    /// - Throws: `.unauthenticated` for anything else, also where the tenant is suspended: no hint at what is wrong.
    package func begin(key: String) throws(EngineError) -> OperatorSession {
        guard let scope = try? access.authenticate(key), case .key(.secret) = scope.principal.kind else {
            throw EngineError(.unauthenticated, "The key is not valid.")
        }
        let endsAt = scope.now.adding(seconds: Int64(Limits.sessionSeconds))
        let id = Base64URL.encode(SecureRandom.bytes(16))
        return OperatorSession(scope: scope, id: id, endsAtSeconds: endsAt.seconds)
    }

    /// The session that a cookie stands for; nil where it is none of ours, has ended, was logged out, or its key is not good any more.
    package func resume(cookie: String) -> OperatorSession? {
        let parts = cookie.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard cookie.utf8.count <= Limits.sessionCookieBytesMax, parts.count == 5, parts[0] == "1", let end = Int64(parts[2]),
            let scope = access.scope(ofVerifiedKey: parts[1]), case .key(.secret) = scope.principal.kind
        else { return nil }
        let session = OperatorSession(scope: scope, id: parts[3], endsAtSeconds: end)
        guard let expected = try? session.cookie(), ConstantTime.areEqual(Array(expected.utf8), Array(cookie.utf8)),
            scope.now.seconds < end, let digest = try? session.revocationDigest(),
            scope.tenant.state.withLock({ $0.revocations[digest] }) == nil
        else { return nil }
        return session
    }

    /// Ends a session for good; committed when it returns.
    package func end(_ session: OperatorSession) async throws(EngineError) {
        let tenant = session.scope.tenant
        let digest = try session.revocationDigest()
        let expiresAt = Timestamp(seconds: session.endsAtSeconds)
        let now = session.scope.now
        try await tenant.table.write([.revocation(digest: digest)], now: now) { table throws(EngineError) in
            try table.put(.revocation(digest: digest), RevocationRecord.with { $0.revokedAt = now.milliseconds }, expiresAt: expiresAt)
        }
        tenant.state.withLock { $0.revocations[digest] = expiresAt }
    }
}

/// One operator's session, at one request.
package struct OperatorSession: Sendable {
    package let scope: Scope
    fileprivate let id: String
    fileprivate let endsAtSeconds: Int64

    /// The id of the key that the session was begun with.
    package var keyID: String { scope.principal.credentialID }
    package var tenant: String { scope.principal.tenant.text }

    /// What the browser keeps.
    package func cookie() throws(EngineError) -> String {
        let head = "1.\(keyID).\(endsAtSeconds).\(id)"
        return "\(head).\(Base64URL.encode(try code("operator-session", of: head)))"
    }

    /// What every form of the session carries, so that no other page can send one.
    package func formToken() throws(EngineError) -> String {
        Base64URL.encode(try code("operator-form", of: id))
    }

    /// Compares in constant time.
    package func admits(formToken: String) -> Bool {
        guard let expected = try? self.formToken() else { return false }
        return ConstantTime.areEqual(Array(expected.utf8), Array(formToken.utf8))
    }

    fileprivate func revocationDigest() throws(EngineError) -> String {
        try scope.tenant.table.digest([Array("operator-session".utf8), Array(id.utf8)])
    }

    private func code(_ purpose: String, of text: String) throws(EngineError) -> [UInt8] {
        do {
            return try scope.tenant.table.vault.digest(Array("\(purpose)\0\(text)".utf8), tenant: scope.tenant.number)
        } catch {
            throw EngineError(error)
        }
    }
}
