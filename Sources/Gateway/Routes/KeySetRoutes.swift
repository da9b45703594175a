import Engine
import Hummingbird
import NIOCore

/// The public keys with which anybody can verify what a tenant has signed.
///
/// | method | path | permission |
/// | --- | --- | --- |
/// | GET | `/tenants/{name}/.well-known/jwks.json` | none needed |
struct KeySetRoutes {
    let tokens: AccessTokens

    func add(to routes: some RouterMethods<GatewayContext>) {
        routes.get("tenants/{name}/.well-known/jwks.json", use: keySet)
    }

    private func keySet(_ request: Request, _ context: GatewayContext) async throws -> Response {
        guard let name = PercentDecoding.decode((context.parameters["name"] ?? "").utf8),
            let tenant = String(validating: name, as: UTF8.self),
            let keySet = try await tokens.keySet(tenant: tenant)
        else { throw Problem.notFound }
        return .json(headers: .sharedJSON, body: ByteBuffer(bytes: keySet))
    }
}
