import FoundationEssentials

/// A tenant's playbook as JSON.
package struct GetPlaybook: EngineOperation {
    package static let name = "playbook.get"
    private let tenant: String

    package struct Answer: Codable, Sendable {
        package let json: String
        /// 0: the one built in.
        package let version: UInt64
    }

    package init(tenant: String) {
        self.tenant = tenant
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> Answer {
        let playbook = try await engine.playbooks.playbook(engine.console(for: try engine.tenant(named: tenant)))
        return Answer(json: String(decoding: playbook.value, as: UTF8.self), version: playbook.version)
    }
}

/// Looks for what is wrong with a playbook, and makes it the tenant's where nothing is.
package struct PutPlaybook: EngineOperation {
    package static let name = "playbook.put"
    private let tenant: String
    private let json: String
    /// Whether it is looked at only.
    private let checksOnly: Bool

    package struct Answer: Codable, Sendable {
        package struct Problem: Codable, Sendable {
            /// JSON Pointer into the playbook.
            package let pointer: String
            package let detail: String
        }

        package let valid: Bool
        package let problems: [Problem]
        /// Of the playbook that is now the tenant's; nil where it was looked at only, or is invalid.
        package let version: UInt64?
    }

    package init(tenant: String, json: String, checksOnly: Bool) {
        (self.tenant, self.json, self.checksOnly) = (tenant, json, checksOnly)
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> Answer {
        let scope = engine.console(for: try engine.tenant(named: tenant))
        let bytes = Array(json.utf8)
        guard JSONTape(bytes) != nil else { return Self.refused([.init(pointer: "", detail: "is not valid JSON")]) }
        do throws(EngineError) {
            if checksOnly {
                _ = try CompiledPlaybook(Playbook(json: bytes))
                return Answer(valid: true, problems: [], version: nil)
            }
            let stored = try await engine.playbooks.replace(scope, with: bytes, if: nil)
            return Answer(valid: true, problems: [], version: stored.version)
        } catch {
            guard error.code == .invalid else { throw error }
            return Self.refused(error.violations)
        }
    }

    private static func refused(_ violations: [EngineError.Violation]) -> Answer {
        Answer(valid: false, problems: violations.map { .init(pointer: $0.pointer, detail: $0.detail) }, version: nil)
    }
}
