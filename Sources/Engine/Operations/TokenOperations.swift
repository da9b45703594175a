import Logging

/// A token that was just minted.
package struct TokenDocument: Codable, Sendable {
    package let token: String
    package let tokenType: String
    package let expiresIn: Int
    package let jti: String
}

package struct MintToken: EngineOperation {
    package static let name = "token.mint"
    private let tenant: String
    private let user: String
    private let scopes: [String]
    private let ttlSeconds: Int?

    package init(tenant: String, user: String, scopes: [String], ttlSeconds: Int?) {
        self.tenant = tenant
        self.user = user
        self.scopes = scopes
        self.ttlSeconds = ttlSeconds
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> TokenDocument {
        let scope = engine.console(for: try engine.tenant(named: tenant))
        let minted = try await engine.tokens.mint(
            scope, user: UserID(user, pointer: "/user"), scopes: scopes.isEmpty ? nil : scopes.joined(separator: " "),
            ttlSeconds: ttlSeconds)
        return TokenDocument(token: minted.token, tokenType: "Bearer", expiresIn: minted.expiresInSeconds, jti: minted.jti)
    }
}

/// Publishes a new token key, which signs once verifiers have had time to read it; the one before goes on verifying.
package struct RotateTokenKey: EngineOperation {
    package static let name = "token.rotate-key"
    private let tenant: String
    private let publishedAheadSeconds: Int

    package struct Answer: Codable, Sendable {
        package let tenant: String
        package let signsFrom: String
    }

    package init(tenant: String, publishedAheadSeconds: Int?) {
        self.tenant = tenant
        self.publishedAheadSeconds = publishedAheadSeconds ?? Limits.tokenKeyPublishedAheadSeconds
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> Answer {
        guard (0...Limits.tokenKeyPublishedAheadSecondsMax).contains(publishedAheadSeconds) else {
            throw .invalid("/publish-ahead", "must be 0 to \(Limits.tokenKeyPublishedAheadSecondsMax)")
        }
        let tenant = try engine.tenant(named: tenant)
        let now = engine.clock()
        let signsFrom = now.adding(seconds: Int64(publishedAheadSeconds))
        try await tenant.note("token-key-rotated", by: Principal.consoleActor, now: now)
        try await engine.directory.addTokenKey(to: tenant, signsFrom: signsFrom, now: now)
        return Answer(tenant: tenant.name.text, signsFrom: signsFrom.rfc3339)
    }
}

extension AttuneEngine {
    /// The scope of an operator at the command line, who owns the data folder.
    func console(for tenant: Tenant) -> Scope {
        Scope(
            principal: Principal(tenant: tenant.name, kind: .operatorConsole, credentialID: "console"), tenant: tenant, now: clock())
    }
}
