import Store
import SwiftProtobuf
import Synchronization

/// Exports of what is held about users (GDPR, Art. 15 and 20).
package struct UserExports: Sendable {
    let behavior: Behavior
    private let noted = NotedDownloads()

    /// Prepares an export; what it writes is read while it is written. Of somebody never seen before every section is empty. Of what a
    /// session in the privacy center downloads again and again the log and the register have one entry for each format.
    /// - Parameter registers: whether it is a request of its own in the register, and no part of another.
    /// - Throws: where the log cannot take the entry of it.
    package func export(
        _ scope: Scope, _ user: AuthorizedUser, format: ExportFormat, registers: Bool = true
    ) async throws(EngineError) -> UserExport {
        let id = try await scope.resolved(user.id)
        let table = scope.tenant.table
        guard !scope.tenant.shutUsers.isShut(id) else { throw ShutUsers.refusal }
        let identity = try await table.get(.identity(id), as: IdentityRecord.self, now: scope.now)?.value
        let users = [id] + (try await scope.joined(identity ?? IdentityRecord(), in: table))
        let features = BehaviorFeatures(try await behavior.days(scope, id), now: scope.now)
        let isNoted = noted.isNoted(format, scope)
        let entry = try AuditEntry(
            "export", subject: try table.subjectDigest(id), by: scope.principal.actor, in: scope.tenant.name, at: scope.now)
        let request = try scope.newRequest(.access, about: id).done(at: scope.now)
        if !isNoted {
            try await AuditLog(tenant: scope.tenant).append(entry, now: scope.now) { draft, _ throws(IntakeDraft.Interruption) in
                if registers { try draft.add(request) }
            }
            noted.note(format, scope)
        }
        let isScored = try await behavior.allowsPersonalization(scope, id)
        return UserExport(scope: scope, users: users, format: format, features: features, isScored: isScored)
    }

    /// One id by itself, as part of a larger export: visitors who were joined to it have their own.
    func alone(_ scope: Scope, _ user: UserID) async throws(EngineError) -> UserExport {
        guard !scope.tenant.shutUsers.isShut(user) else { throw ShutUsers.refusal }
        let identity = try await scope.tenant.table.get(.identity(user), as: IdentityRecord.self, now: scope.now)?.value
        let joined = try await scope.joined(identity ?? IdentityRecord(), in: scope.tenant.table)
        let isOneself = identity?.hasJoinedInto != true
        let features = BehaviorFeatures(isOneself ? try await behavior.days(scope, user) : [], now: scope.now)
        let isScored = try await behavior.allowsPersonalization(scope, user)
        return UserExport(scope: scope, users: [user], joined: joined, format: .ndjson, features: features, isScored: isScored)
    }
}

/// What sessions in the privacy center have downloaded, as far as the log has it. In memory: after a restart it has it once more.
private final class NotedDownloads: Sendable {
    private let known = Mutex(TwoGenerationCache<String, Bool>(entriesMax: Limits.notedDownloadsMax))

    private func name(_ format: ExportFormat, _ scope: Scope) -> String? {
        scope.principal.isInPrivacyCenter ? "\(scope.principal.credentialID).\(format.rawValue)" : nil
    }

    func isNoted(_ format: ExportFormat, _ scope: Scope) -> Bool {
        guard let name = name(format, scope) else { return false }
        return known.withLock { $0.value(name) } ?? false
    }

    func note(_ format: ExportFormat, _ scope: Scope) {
        guard let name = name(format, scope) else { return }
        known.withLock { $0.insert(true, for: name) }
    }
}
