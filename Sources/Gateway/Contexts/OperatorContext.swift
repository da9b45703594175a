import Engine
import Hummingbird

/// The context of the pages behind log-in: there is a session, or there is no such context.
struct OperatorContext: ChildRequestContext {
    var coreContext: CoreRequestContextStorage
    let session: OperatorSession

    var scope: Scope { session.scope }

    /// The path's `{keyId}`.
    var keyID: String { coreContext.parameters["keyId"].map { String($0) } ?? "" }

    init(context: GatewayContext) throws(EngineError) {
        guard let session = context.session else { throw EngineError(.unauthenticated, "This page needs a session.") }
        coreContext = context.coreContext
        self.session = session
    }
}
