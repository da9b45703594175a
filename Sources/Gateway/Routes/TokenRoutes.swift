import Engine
import Hummingbird

/// Tokens for a tenant's users.
///
/// | method | path | permission |
/// | --- | --- | --- |
/// | POST | `/api/tokens` | manageTokens |
/// | POST | `/api/tokens/introspect` (RFC 7662, changes nothing) | introspectTokens |
/// | POST | `/api/tokens/revoke` (RFC 7009) | manageTokens |
struct TokenRoutes {
    private let tokens: AccessTokens
    private let revoked: IdempotentCall

    init(_ engine: AttuneEngine) {
        tokens = engine.tokens
        revoked = IdempotentCall(idempotency: engine.idempotency, success: .emptyObject)
    }

    func add(to routes: some RouterMethods<TenantContext>) {
        routes.group("api/tokens")
            .post(use: mint)
            .post("introspect", use: introspect)
            .post("revoke", use: revoke)
    }

    private func mint(_ request: Request, _ context: TenantContext) async throws -> Response {
        try context.scope.authorize(.manageTokens)
        let body = try JSONBody.decode(MintTokenBody.self, from: try await request.jsonContent())
        let minted = try await tokens.mint(
            context.scope, user: try body.userId.userID(), scopes: body.scope, ttlSeconds: body.ttlSeconds)
        return .json(.created) { json in
            json.object {
                $0.member("token", minted.token)
                $0.member("tokenType", "Bearer")
                $0.member("expiresIn", minted.expiresInSeconds)
                $0.member("jti", minted.jti)
            }
        }
    }

    private func introspect(_ request: Request, _ context: TenantContext) async throws -> Response {
        try context.scope.authorize(.introspectTokens)
        let body = try TokenBody.read(try await request.content(), of: request)
        let introspection = try await tokens.introspect(context.scope, token: body.token)
        return .json { json in
            json.object { json in
                json.member("active", introspection != nil)
                introspection?.writeClaims(to: &json)
            }
        }
    }

    private func revoke(_ request: Request, _ context: TenantContext) async throws -> Response {
        try context.scope.authorize(.manageTokens)
        return try await revoked.answer(request, context, about: nil) { scope, content in
            try await tokens.revoke(scope, token: try TokenBody.read(content, of: request).token)
        }
    }
}

extension AccessTokens.Introspection {
    fileprivate func writeClaims(to json: inout JSONWriter) {
        json.member("token_type", "Bearer")
        json.member("iss", issuer)
        json.member("aud", audience)
        json.member("sub", subject)
        json.member("tid", tenant)
        json.member("scope", scope)
        json.member("iat", issuedAt)
        json.member("nbf", notBefore)
        json.member("exp", expiresAt)
        json.member("jti", jti)
    }
}
