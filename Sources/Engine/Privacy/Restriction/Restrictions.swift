import SwiftProtobuf

/// Restriction of processing (GDPR, Art. 18): the data stays, is shown and exported, and is used for nothing. Whoever asks for the
/// user's advice gets that of somebody unknown, and nothing new is stored.
package struct Restrictions: Sendable {
    package struct Answer: Codable, Sendable {
        package let userId: String
        package let restricted: Bool
        /// nil where nothing is restricted.
        package let since: String?
    }

    static let refusal = EngineError(.conflict, "Processing of this user's data is restricted: nothing new is stored.")

    package func restrict(_ scope: Scope, _ user: AuthorizedUser, _ isRestricted: Bool) async throws(EngineError) -> Answer {
        let id = try await scope.resolved(user.id)
        let key = Keyspace.consent(id)
        let entry = try AuditEntry(
            isRestricted ? "restriction" : "restriction-lifted", subject: try scope.tenant.table.subjectDigest(id),
            by: scope.principal.actor, in: scope.tenant.name, at: scope.now)
        let request = isRestricted ? try scope.newRequest(.restriction, about: id).done(at: scope.now) : nil
        try await AuditLog(tenant: scope.tenant).append(entry, now: scope.now, with: [key]) {
            draft, _ throws(IntakeDraft.Interruption) in
            if let request { try draft.add(request) }
            var record = try draft.get(key, as: ConsentRecord.self) ?? ConsentRecord()
            if isRestricted, !record.isRestricted { record.restrictedAt = scope.now.milliseconds }
            record.isRestricted = isRestricted
            // What nobody has decided needs no record.
            if !isRestricted, record.updatedAt == 0 { try draft.delete(key) } else { try draft.put(key, record) }
        }
        let record = try await scope.tenant.table.get(key, as: ConsentRecord.self, now: scope.now)?.value
        let isNow = record?.isRestricted ?? false
        return Answer(
            userId: user.id.text, restricted: isNow,
            since: isNow ? record.map { Timestamp(milliseconds: $0.restrictedAt).rfc3339 } : nil)
    }
}
