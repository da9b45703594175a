import Engine
package import Hummingbird

/// What goes with every request; the only context of the routes that need no credential.
package struct GatewayContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// Set by `Authentication`; `TenantContext` is the same without the question mark.
    var scope: Scope?

    package init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
    }
}
