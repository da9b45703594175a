import Store
import Synchronization
import Tokens

/// An API key as operators see it; the key itself is shown at its making only.
package struct KeyDocument: Codable, Sendable {
    package let id: String
    package let tenant: String
    package let kind: String
    package let label: String
    package let origins: [String]
    package let createdAt: String
    package let lastUsedAt: String?
    package let expiresAt: String?
    package let revokedAt: String?

    init(_ entry: APIKeyEntry) {
        let record = entry.record
        func text(_ milliseconds: Int64) -> String { Timestamp(milliseconds: milliseconds).rfc3339 }
        id = entry.id
        tenant = entry.tenant.name.text
        kind = entry.kind.rawValue
        label = record.label
        origins = record.origins
        createdAt = text(record.createdAt)
        lastUsedAt = record.hasLastUsedAt ? text(record.lastUsedAt) : nil
        expiresAt = record.hasExpiresAt ? text(record.expiresAt) : nil
        revokedAt = record.hasRevokedAt ? text(record.revokedAt) : nil
    }
}

/// A key that was just made: the only time that it is shown.
package struct NewKeyDocument: Codable, Sendable {
    package let id: String
    package let key: String
    package let tenant: String
    package let kind: String
    package let label: String
    package let origins: [String]

    init(_ key: APIKey, _ entry: APIKeyEntry) {
        let record = entry.record
        id = key.id
        self.key = key.revealed()
        tenant = entry.tenant.name.text
        kind = entry.kind.rawValue
        label = record.label
        origins = record.origins
    }
}

package struct CreateKey: EngineOperation {
    package static let name = "key.create"
    private let tenant: String
    private let kind: APIKeyKind
    private let label: String
    private let origins: [String]

    package init(tenant: String, kind: String, label: String, origins: [String]) throws(EngineError) {
        guard let kind = APIKeyKind(rawValue: kind) else { throw .invalid("/kind", "must be secret, publishable or privacy") }
        self.tenant = tenant
        self.kind = kind
        self.label = label
        self.origins = origins
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> NewKeyDocument {
        try await engine.directory.makeKey(
            kind, label: label, origins: origins, of: try engine.tenant(named: tenant), by: Principal.consoleActor,
            now: engine.clock())
    }
}

package struct ListKeys: EngineOperation {
    package static let name = "key.list"
    private let tenant: String

    package init(tenant: String) {
        self.tenant = tenant
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> [KeyDocument] {
        engine.directory.keys(of: try engine.tenant(named: tenant)).map(KeyDocument.init)
    }
}

/// Makes a key in the place of another, which lives on for the overlap.
package struct RotateKey: EngineOperation {
    package static let name = "key.rotate"
    private let id: String
    private let overlapSeconds: Int?

    package init(id: String, overlapSeconds: Int?) {
        self.id = id
        self.overlapSeconds = overlapSeconds
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> NewKeyDocument {
        try await engine.directory.rotate(
            try engine.key(id), overlapSeconds: overlapSeconds, by: Principal.consoleActor, now: engine.clock())
    }
}

/// Refuses a key from the next request on.
package struct RevokeKey: EngineOperation {
    package static let name = "key.revoke"
    private let id: String

    package init(id: String) {
        self.id = id
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> KeyDocument {
        try await engine.directory.revoke(try engine.key(id), by: Principal.consoleActor, now: engine.clock())
    }
}

extension AttuneEngine {
    func key(_ id: String) throws(EngineError) -> APIKeyEntry {
        guard let key = directory.key(id) else { throw EngineError(.notFound, "There is no key of that id.") }
        return key
    }
}
