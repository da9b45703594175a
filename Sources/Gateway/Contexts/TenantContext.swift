import Engine
import Hummingbird

/// The context of all routes behind authentication: there is a scope, or there is no such context.
struct TenantContext: ChildRequestContext {
    var coreContext: CoreRequestContextStorage
    let scope: Scope

    init(context: GatewayContext) throws(EngineError) {
        guard let scope = context.scope else { throw EngineError(.unauthenticated, "This route needs a credential.") }
        coreContext = context.coreContext
        self.scope = scope
    }

    /// The user that the path's `{userId}` names, when the caller may do this with their data.
    func user(_ permission: Permission) throws(EngineError) -> AuthorizedUser {
        // Hummingbird hands segments over as they were sent, so this is the one percent-decoding.
        let reference = try UserReference(pathSegment: coreContext.parameters["userId"] ?? "")
        return try scope.authorize(permission, for: reference)
    }
}
