import AttuneCrypto
import Store
import SwiftProtobuf
import Synchronization
import Tokens

/// Sessions of persons who look after their own data in a browser: each begun with a user token that is for nothing else, and is spent
/// with it.
///
/// As with operators' sessions nothing is stored while one runs. What is stored is that the token is spent: it is revoked, until its end.
///
/// ```
/// 1.<tenant>.<end, seconds since 1970>.<scopes, by letters>.<user id>.<random id>.<HMAC of all before, 32 bytes>
/// ```
/// User id, random id and HMAC in base64url.
package struct PersonSessions: Sendable {
    let access: AccessControl

    private static let letters: [(scope: TokenScope, letter: Character)] = [(.privacyExport, "x"), (.privacyErase, "e")]

    /// What would come of using a link; spends nothing.
    package enum LinkState: Sendable {
        case good
        /// The token is for more or for something else than a person's own privacy, or the tenant is suspended.
        case forbidden
        case refused(TokenRefusal)
    }

    package func look(at token: String) -> LinkState {
        guard !token.hasPrefix("att_") else { return .refused(.invalid) }
        do throws(EngineError) {
            return Self.person(of: try access.authenticate(token)) == nil ? .forbidden : .good
        } catch {
            return error.code == .forbidden ? .forbidden : .refused(access.tokens.refusal(of: token, now: access.clock()) ?? .invalid)
        }
    }

    /// Whom a scope is about, and what it allows; nil where it is not for looking after one's own data alone.
    private static func person(of scope: Scope) -> (user: UserID, scopes: Set<TokenScope>)? {
        guard case .user(let user, let scopes) = scope.principal.kind, !scopes.isEmpty, scopes.isSubset(of: letters.map(\.scope)) else {
            return nil
        }
        return (user, scopes)
    }

    /// Begins a session; the token is refused everywhere when this returns.
    /// - Throws: `.unauthenticated` for a token that is bad, expired, revoked or spent, `.forbidden` for one that is for more or for
    ///   something else than a person's own privacy.
    package func begin(token: String) async throws(EngineError) -> PersonSession {
        guard !token.hasPrefix("att_") else { throw EngineError(.unauthenticated, "The credential is not valid.") }
        let scope = try access.authenticate(token)
        guard let (user, scopes) = Self.person(of: scope), let claims = access.tokens.claims(token, of: scope.tenant, now: scope.now)
        else { throw EngineError(.forbidden, "This token is not for looking after one's own data alone.") }
        try await spend(claims, scope)
        let end = scope.now.adding(seconds: Int64(Limits.personSessionSeconds))
        return PersonSession(
            tenant: scope.tenant, user: user, scopes: scopes, id: Base64URL.encode(SecureRandom.bytes(16)), endsAt: end, now: scope.now)
    }

    private func spend(_ claims: AccessTokenClaims, _ scope: Scope) async throws(EngineError) {
        let digest = try scope.tenant.revocationDigest(ofTokenID: claims.id)
        let (key, now) = (Keyspace.revocation(digest: digest), scope.now)
        let end = Timestamp(seconds: claims.expiresAtSeconds + Int64(Limits.clockSkewSecondsMax))
        // Of two who bring it at once, one is too late.
        try await scope.tenant.table.write([key], now: now) { table throws(EngineError) in
            guard table.version(of: key) == 0 else { throw EngineError(.unauthenticated, "The credential is not valid.") }
            try table.put(key, RevocationRecord.with { $0.revokedAt = now.milliseconds }, expiresAt: end)
        }
        scope.tenant.state.withLock { $0.revocations[digest] = end }
    }

    /// The session that a cookie stands for; nil where it is none of ours or has ended.
    package func resume(cookie: String) -> PersonSession? {
        let parts = cookie.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let now = access.clock()
        guard cookie.utf8.count <= Limits.personCookieBytesMax, parts.count == 7, parts[0] == "1", let name = TenantName(parts[1]),
            let tenant = access.directory.tenant(name), !tenant.isSuspended, let end = Int64(parts[2]), now.seconds < end,
            let id = Base64URL.decode(parts[4]).flatMap({ String(validating: $0, as: UTF8.self) }), let user = try? UserID(id)
        else { return nil }
        let scopes = Set(Self.letters.filter { parts[3].contains($0.letter) }.map(\.scope))
        let session = PersonSession(
            tenant: tenant, user: user, scopes: scopes, id: parts[5], endsAt: Timestamp(seconds: end), now: now)
        guard let expected = try? session.cookie(), ConstantTime.areEqual(Array(expected.utf8), Array(cookie.utf8)) else { return nil }
        return session
    }

    fileprivate static func text(_ scopes: Set<TokenScope>) -> String {
        String(letters.filter { scopes.contains($0.scope) }.map(\.letter))
    }
}

/// One person's session, at one request.
package struct PersonSession: Sendable {
    /// May do what the token's scope says, for the person's own data.
    package let scope: Scope
    package let user: AuthorizedUser
    private let scopes: Set<TokenScope>
    private let id: String
    private let endsAt: Timestamp

    fileprivate init(tenant: Tenant, user: UserID, scopes: Set<TokenScope>, id: String, endsAt: Timestamp, now: Timestamp) {
        (self.scopes, self.id, self.endsAt) = (scopes, id, endsAt)
        let principal = Principal(tenant: tenant.name, kind: .user(user, scopes: scopes), credentialID: id, isInPrivacyCenter: true)
        scope = Scope(principal: principal, tenant: tenant, now: now)
        self.user = AuthorizedUser(own: user)
    }

    package var tenant: String { scope.principal.tenant.text }
    package var mayExport: Bool { scopes.contains(.privacyExport) }
    package var mayErase: Bool { scopes.contains(.privacyErase) }
    package var minutesLeft: Int { max(1, Int(endsAt.seconds - scope.now.seconds + 59) / 60) }

    /// What the browser keeps.
    package func cookie() throws(EngineError) -> String {
        let user = Base64URL.encode(user.id.bytes)
        let head = "1.\(tenant).\(endsAt.seconds).\(PersonSessions.text(scopes)).\(user).\(id)"
        return "\(head).\(Base64URL.encode(try code("person-session", of: head)))"
    }

    /// What every form of the session carries, so that no other page can send one.
    package func formToken() throws(EngineError) -> String { Base64URL.encode(try code("person-form", of: id)) }

    /// Compares in constant time.
    package func admits(formToken: String) -> Bool {
        guard let expected = try? self.formToken() else { return false }
        return ConstantTime.areEqual(Array(expected.utf8), Array(formToken.utf8))
    }

    /// How many items of which kind are held of the person, joined visitors included.
    package func holdings() async throws(EngineError) -> [(kind: String, count: UInt64)] {
        try await scope.holdings(of: user.id).counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private func code(_ purpose: String, of text: String) throws(EngineError) -> [UInt8] {
        do {
            return try scope.tenant.table.vault.digest(Array("\(purpose)\0\(text)".utf8), tenant: scope.tenant.number)
        } catch {
            throw EngineError(error)
        }
    }
}
