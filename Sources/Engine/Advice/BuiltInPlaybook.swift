import Synchronization

/// A playbook that comes with Attune: it applies until the tenant sets its own.
package enum BuiltInPlaybook: String, Sendable, Codable, CaseIterable {
    case realEstate = "real-estate"
    /// Of no trade.
    case general

    /// - Parameter stored: As the tenant's record has it; empty for tenants of earlier versions.
    init(stored: String) {
        self = BuiltInPlaybook(rawValue: stored) ?? .realEstate
    }

    package var json: [UInt8] {
        switch self {
        case .realEstate: PackageResources.playbook_json
        case .general: PackageResources.playbook_general_json
        }
    }

    var compiled: CompiledPlaybook {
        switch self {
        case .realEstate: .standard
        case .general: .general
        }
    }
}

extension Tenant {
    var builtInPlaybook: BuiltInPlaybook { BuiltInPlaybook(stored: state.withLock { $0.record.value.playbook }) }
}
