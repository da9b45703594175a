import AttuneCrypto
import Store
import Synchronization
import Tokens

/// A tenant as operators see it.
package struct TenantDocument: Codable, Sendable {
    package let tenant: String
    package let consent: String
    package let grants: [String]
    /// The built-in playbook that applies until the tenant sets its own.
    package let playbook: String
    package let suspended: Bool
    package let createdAt: String
    package let issuer: String
    package let retentionDays: Int
    package let ratingHalfLifeDays: Double
    package let explicitScoreDays: Int

    init(_ tenant: Tenant, issuer: String) {
        let record = tenant.state.withLock { $0.record.value }
        self.tenant = tenant.name.text
        consent = record.isConsentOptIn ? "opt-in" : "opt-out"
        grants = record.grantedPurposes
        playbook = BuiltInPlaybook(stored: record.playbook).rawValue
        suspended = record.isSuspended
        createdAt = Timestamp(milliseconds: record.createdAt).rfc3339
        self.issuer = issuer
        retentionDays = tenant.intakeRules.retentionDays
        ratingHalfLifeDays = tenant.ratingHalfLifeDays
        explicitScoreDays = tenant.explicitScoreDays
    }
}

extension AttuneEngine {
    func tenant(named text: String) throws(EngineError) -> Tenant {
        guard let name = TenantName(text) else { throw .invalid("/tenant", "must match [a-z0-9][a-z0-9_-]{0,62}") }
        guard let tenant = directory.tenant(name) else { throw EngineError(.notFound, "There is no tenant of that name.") }
        return tenant
    }

    func document(_ tenant: Tenant) -> TenantDocument {
        TenantDocument(tenant, issuer: verification.issuer(of: tenant.name))
    }
}

/// Makes a tenant with its keys and its first token key.
package struct CreateTenant: EngineOperation {
    package static let name = "tenant.create"
    package static let makesFolder = true
    private let name: String
    private let isConsentOptIn: Bool
    private let grants: [String]
    /// nil: the usual one.
    private let playbook: BuiltInPlaybook?

    package init(name: String, isConsentOptIn: Bool, grants: [String], playbook: BuiltInPlaybook? = nil) {
        self.playbook = playbook
        self.name = name
        self.isConsentOptIn = isConsentOptIn
        self.grants = grants
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> TenantDocument {
        guard let name = TenantName(name) else { throw .invalid("/name", "must match [a-z0-9][a-z0-9_-]{0,62}") }
        guard grants.allSatisfy({ Purpose(rawValue: $0) != nil }) else {
            throw .invalid("/grant", "names a purpose other than \(Purpose.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let record = try await engine.directory.create(name, now: engine.clock()) {
            $0.isConsentOptIn = isConsentOptIn
            $0.grantedPurposes = grants
            $0.playbook = (playbook ?? .realEstate).rawValue
        }
        return engine.document(record)
    }
}

package struct ListTenants: EngineOperation {
    package static let name = "tenant.list"

    package init() {}

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> [TenantDocument] {
        engine.directory.tenants.map(engine.document)
    }
}

package struct ShowTenant: EngineOperation {
    package static let name = "tenant.show"
    private let tenant: String

    package init(tenant: String) {
        self.tenant = tenant
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> TenantDocument {
        engine.document(try engine.tenant(named: tenant))
    }
}

/// Refuses a tenant's credentials from the next request on, or admits them again.
package struct SuspendTenant: EngineOperation {
    package static let name = "tenant.suspend"
    private let tenant: String
    private let isSuspended: Bool

    package init(tenant: String, isSuspended: Bool) {
        self.tenant = tenant
        self.isSuspended = isSuspended
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> TenantDocument {
        let tenant = try engine.tenant(named: tenant)
        let action = isSuspended ? "tenant-suspended" : "tenant-resumed"
        if tenant.isSuspended != isSuspended { try await tenant.note(action, by: Principal.consoleActor, now: engine.clock()) }
        try await engine.directory.change(tenant, now: engine.clock()) { $0.isSuspended = isSuspended }
        return engine.document(tenant)
    }
}

/// Destroys a tenant's keys, and with them everything that it has. Answers with the receipt.
package struct DeleteTenant: EngineOperation {
    package static let name = "tenant.delete"
    private let tenant: String
    /// Whether users under a legal hold go, too.
    private let despiteHolds: Bool

    package init(tenant: String, despiteHolds: Bool = false) {
        (self.tenant, self.despiteHolds) = (tenant, despiteHolds)
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> Receipt {
        // One that has failed halfway is served no more, and is gone on with.
        if let name = TenantName(tenant), let receipt = try await engine.tenantErasures.finishUnfinished(name) { return receipt }
        let scope = engine.console(for: try engine.tenant(named: tenant))
        return try await engine.tenantErasures.erase(scope, despiteHolds: despiteHolds)
    }
}

/// Receipts of tenants that are gone, the latest last.
package struct ListDeletedTenants: EngineOperation {
    package static let name = "tenant.deleted"

    package init() {}

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> [DeletedTenant] {
        try await engine.tenantErasures.deleted(now: engine.clock())
    }
}
