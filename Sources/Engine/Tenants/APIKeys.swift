import Store
import Tokens

/// A tenant's API keys, for whoever may manage them. A key of another tenant does not exist.
package struct APIKeys: Sendable {
    let directory: TenantDirectory

    package func list(_ scope: Scope) throws(EngineError) -> [KeyDocument] {
        try scope.authorize(.manageKeys)
        return directory.keys(of: scope.tenant).map(KeyDocument.init)
    }

    package func key(_ scope: Scope, id: String) throws(EngineError) -> KeyDocument {
        KeyDocument(try entry(scope, id))
    }

    /// - Parameter kind: secret, publishable or privacy.
    package func create(
        _ scope: Scope, kind: String, label: String, origins: [String]
    ) async throws(EngineError) -> NewKeyDocument {
        try scope.authorize(.manageKeys)
        guard let kind = APIKeyKind(rawValue: kind) else { throw .invalid("/kind", "must be secret, publishable or privacy") }
        return try await directory.makeKey(
            kind, label: label, origins: origins, of: scope.tenant, by: scope.principal.actor, now: scope.now)
    }

    package func rotate(_ scope: Scope, id: String, overlapSeconds: Int?) async throws(EngineError) -> NewKeyDocument {
        try await directory.rotate(
            try entry(scope, id), overlapSeconds: overlapSeconds, by: scope.principal.actor, now: scope.now)
    }

    package func revoke(_ scope: Scope, id: String) async throws(EngineError) -> KeyDocument {
        try await directory.revoke(try entry(scope, id), by: scope.principal.actor, now: scope.now)
    }

    private func entry(_ scope: Scope, _ id: String) throws(EngineError) -> APIKeyEntry {
        try scope.authorize(.manageKeys)
        guard let entry = directory.key(id), entry.tenant === scope.tenant else {
            throw EngineError(.notFound, "There is no key of that id.")
        }
        return entry
    }
}

/// What operators ask for, at the command line and on the pages.
extension TenantDirectory {
    func makeKey(
        _ kind: APIKeyKind, label: String, origins: [String], of tenant: Tenant, by actor: String, now: Timestamp
    ) async throws(EngineError) -> NewKeyDocument {
        // None is a label too.
        if !label.isEmpty,
            let violation = ProfileValidation.nameViolation(label, charactersMax: Limits.keyLabelCharactersMax, pointer: "/label")
        {
            throw .invalid([violation])
        }
        guard origins.isEmpty || kind == .publishable else { throw .invalid("/origin", "is for publishable keys") }
        guard origins.count <= Limits.originsPerKeyMax else { throw .invalid("/origin", "must be given at most 50 times") }
        var normalized: [String] = []
        for origin in origins {
            let text = try Origin(origin).text
            if !normalized.contains(text) { normalized.append(text) }
        }
        let (key, entry) = try await addKey(kind, label: label, origins: normalized, to: tenant, by: actor, now: now)
        return NewKeyDocument(key, entry)
    }

    /// Makes a key in the place of another, which lives on for the overlap. A key that has an end has its successor already.
    func rotate(
        _ old: APIKeyEntry, overlapSeconds: Int?, by actor: String, now: Timestamp
    ) async throws(EngineError) -> NewKeyDocument {
        let overlapSeconds = overlapSeconds ?? Limits.keyOverlapSecondsDefault
        guard (0...Limits.keyOverlapSecondsMax).contains(overlapSeconds) else {
            throw .invalid("/overlap", "must be 0 to \(Limits.keyOverlapSecondsMax)")
        }
        let end = now.adding(seconds: Int64(overlapSeconds))
        let (key, entry) = try await replaceKey(old, endingAt: end, by: actor, now: now) { record throws(EngineError) in
            guard record.isGood(at: now) else { throw EngineError(.conflict, "The key is revoked or has ended.") }
            guard !record.hasExpiresAt else { throw EngineError(.conflict, "The key has been rotated.") }
        }
        return NewKeyDocument(key, entry)
    }
}
