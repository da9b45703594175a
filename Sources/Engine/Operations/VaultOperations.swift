import Store

/// Puts a new master key in the place of the present one, while serving.
package struct RotateMasterKey: EngineOperation {
    package static let name = "vault.rotate-master"

    package init() {}

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> Done {
        do {
            try engine.vault.rotateMasterKey()
        } catch {
            throw EngineError(error)
        }
        return Done()
    }
}

/// Gives a tenant a new wrapping key and re-wraps its users' keys with it, while serving.
package struct RotateWrappingKey: EngineOperation {
    package static let name = "vault.rotate-tenant"
    private let tenant: String

    package init(tenant: String) {
        self.tenant = tenant
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> Done {
        let tenant = try engine.tenant(named: tenant)
        do {
            try engine.vault.rotateWrappingKey(of: tenant.number)
        } catch {
            throw EngineError(error)
        }
        return Done()
    }
}
