import AttuneCrypto
import Synchronization
import Tokens

/// Turns a credential into a scope. Costs a look-up in memory: verified tokens are remembered until they end.
package struct AccessControl: Sendable {
    let directory: TenantDirectory
    let tokens: TokenVerification
    let clock: @Sendable () -> Timestamp

    /// - Parameter credential: an API key or a user token, as it stands in the request.
    /// - Throws: `.unauthenticated` for a bad one, `.forbidden` where its tenant is suspended.
    package func authenticate(_ credential: String) throws(EngineError) -> Scope {
        let now = clock()
        let (principal, tenant) =
            credential.hasPrefix("att_") ? try authenticate(key: credential, now: now) : try tokens.principal(credential, now: now)
        guard !tenant.isSuspended else { throw EngineError(.forbidden, "The tenant is suspended.") }
        return Scope(principal: principal, tenant: tenant, now: now)
    }

    /// As `authenticate`, for a credential that stands in an address. Addresses end up in the logs of proxies and in histories, so nothing
    /// but a publishable key is taken there.
    /// - Throws: `.notFound` for all else, `.forbidden` where the tenant is suspended.
    package func authenticate(inAddress credential: String) throws(EngineError) -> Scope {
        guard credential.hasPrefix(APIKeyKind.publishable.prefix) else { throw EngineError(.notFound, "There is no such key.") }
        do {
            return try authenticate(credential)
        } catch {
            guard error.code == .forbidden else { throw EngineError(.notFound, "There is no such key.") }
            throw error
        }
    }

    /// Checks that a page of that origin may use the key.
    /// - Parameter origin: as the browser says it; nil: it says none.
    /// - Throws: `.forbidden` where the key was made for certain origins and this is none of them.
    package func checkOrigin(_ origin: String?, of scope: Scope) throws(EngineError) {
        guard case .key = scope.principal.kind, let key = directory.key(scope.principal.credentialID) else { return }
        let origins = key.record.origins
        guard origins.isEmpty || origins.contains(where: { origin?.hasSameBytes(as: $0) ?? false }) || Self.isAmong(origins, origin) else {
            throw EngineError(.forbidden, "This key is not for pages of that origin.")
        }
    }

    /// As above, for origins of keys that were made before origins were kept as browsers write them.
    private static func isAmong(_ origins: [String], _ origin: String?) -> Bool {
        guard let origin, let sent = try? Origin(origin) else { return false }
        return origins.contains { (try? Origin($0)) == sent }
    }

    private func authenticate(key text: String, now: Timestamp) throws(EngineError) -> (Principal, Tenant) {
        let refusal = EngineError(.unauthenticated, "The credential is not valid.")
        guard let key = APIKey(text), let entry = directory.key(key.id) else { throw refusal }
        // A tenant that is being deleted has no keys any more.
        guard let code = try? entry.tenant.secretCode(of: key), entry.admits(key, code: code, now: now) else { throw refusal }
        return (entry.principal, entry.tenant)
    }
}

extension AccessControl {
    /// The scope of a key that was verified before, as long as it is good and its tenant not suspended.
    func scope(ofVerifiedKey id: String) -> Scope? {
        let now = clock()
        guard let entry = directory.key(id), entry.record.isGood(at: now), !entry.tenant.isSuspended else { return nil }
        return Scope(principal: entry.principal, tenant: entry.tenant, now: now)
    }

    /// To be called where a session of the key has been found good.
    func noteUse(of scope: Scope) {
        directory.key(scope.principal.credentialID)?.noteUse(now: scope.now)
    }
}

extension Tenant {
    /// What is kept of an API key's secret.
    func secretCode(of key: APIKey) throws(EngineError) -> [UInt8] {
        do {
            return try table.vault.digest(Array("api-key\0".utf8) + key.secret, tenant: number)
        } catch {
            throw EngineError(error)
        }
    }
}
