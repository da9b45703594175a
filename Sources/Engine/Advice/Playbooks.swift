import FoundationEssentials
import SwiftProtobuf
import Synchronization

/// Each tenant's playbook: stored as it was sent, compiled once per change.
package struct Playbooks: Sendable {
    /// The tenant's playbook as JSON; the built-in one, of version 0, until the tenant sets its own.
    package func playbook(_ scope: Scope) async throws(EngineError) -> Versioned<[UInt8]> {
        try scope.authorize(.managePlaybook)
        let record = try await scope.tenant.table.get(.playbook, as: PlaybookRecord.self, now: scope.now)
        return record.map { Versioned(Array($0.value.json), version: $0.version) }
            ?? Versioned(scope.tenant.builtInPlaybook.json, version: 0)
    }

    /// Replaces the tenant's playbook. An invalid one changes nothing.
    package func replace(
        _ scope: Scope, with json: [UInt8], if precondition: Precondition?
    ) async throws(EngineError) -> Versioned<[UInt8]> {
        try scope.authorize(.managePlaybook)
        let compiled = try CompiledPlaybook(Playbook(json: json))
        let noted = try AuditEntry("playbook-set", by: scope.principal.actor, in: scope.tenant.name, at: scope.now)
        let log = AuditLog(tenant: scope.tenant)
        let version = try await log.write([.playbook], noting: noted, now: scope.now) { table throws(EngineError) in
            try precondition?.check(table.version(of: .playbook), scope)
            try table.put(
                .playbook,
                PlaybookRecord.with {
                    $0.json = .init(json)
                    $0.updatedAt = scope.now.milliseconds
                })
            return table.version
        }
        // A slower writer of an older version must not win.
        scope.tenant.state.withLock { state in
            if version > state.playbook?.version ?? 0 { state.playbook = Versioned(compiled, version: version) }
        }
        return Versioned(json, version: version)
    }

    /// The playbook ready for use.
    func compiled(for scope: Scope) async throws(EngineError) -> Versioned<CompiledPlaybook> {
        if let compiled = scope.tenant.state.withLock({ $0.playbook }) { return compiled }
        let record = try await scope.tenant.table.get(.playbook, as: PlaybookRecord.self, now: scope.now)
        let compiled =
            try record.map { record throws(EngineError) in
                // It was valid when it was stored: what is wrong now is not wrong with the request.
                guard let compiled = try? CompiledPlaybook(Playbook(json: Array(record.value.json))) else {
                    throw EngineError(.damaged, "The tenant's stored playbook cannot be read.")
                }
                return Versioned(compiled, version: record.version)
            } ?? Versioned(scope.tenant.builtInPlaybook.compiled, version: 0)
        return scope.tenant.state.withLock { state in
            if compiled.version >= state.playbook?.version ?? 0 { state.playbook = compiled }
            return state.playbook ?? compiled
        }
    }
}
