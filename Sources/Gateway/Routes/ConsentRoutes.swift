import Engine
import Hummingbird

/// What a user allows.
///
/// | method | path | permission |
/// | --- | --- | --- |
/// | GET | `/api/consent/{userId}` | readConsent |
/// | PUT | `/api/consent/{userId}` | writeConsent |
struct ConsentRoutes {
    private let consents: Consents
    private let access: AccessControl

    init(_ engine: AttuneEngine) {
        consents = engine.consents
        access = engine.access
    }

    func add(to routes: some RouterMethods<TenantContext>) {
        routes.group("api/consent/{userId}")
            .get(use: consent)
            .put(use: decide)
    }

    private func consent(_ request: Request, _ context: TenantContext) async throws -> Response {
        let user = try context.user(.readConsent)
        try access.checkOrigin(request.headers[.origin], of: context.scope)
        let consent = try await consents.consent(context.scope, user)
        return .json { consent.write(to: &$0, purposes: Purpose.allCases) }
    }

    private func decide(_ request: Request, _ context: TenantContext) async throws -> Response {
        let user = try context.user(.writeConsent)
        try access.checkOrigin(request.headers[.origin], of: context.scope)
        let change = try JSONBody.decode(ConsentBody.self, from: try await request.jsonContent()).change
        let consent = try await consents.decide(context.scope, user, change)
        // Who may not read learns no more than what it has sent.
        let mayRead = (try? context.user(.readConsent)) != nil
        return .json { json in
            consent.write(to: &json, purposes: Purpose.allCases.filter { mayRead || change.decisions[$0] != nil })
        }
    }
}
