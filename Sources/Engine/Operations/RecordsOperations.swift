/// A tenant's records of processing.
package struct ShowProcessingRecords: EngineOperation {
    package static let name = "privacy.records"
    private let tenant: String

    package init(tenant: String) {
        self.tenant = tenant
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> ProcessingRecords {
        try engine.processing.records(engine.console(for: try engine.tenant(named: tenant)))
    }
}

/// What a credential of a tenant could have read.
package struct ShowExposure: EngineOperation {
    package static let name = "privacy.exposure"
    private let tenant: String
    private let credential: String
    private let from: String?
    private let to: String?

    package init(tenant: String, credential: String, from: String?, to: String?) {
        (self.tenant, self.credential, self.from, self.to) = (tenant, credential, from, to)
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> Exposure {
        let scope = engine.console(for: try engine.tenant(named: tenant))
        return try await engine.exposures.exposure(scope, credential: credential, from: from, to: to)
    }
}
