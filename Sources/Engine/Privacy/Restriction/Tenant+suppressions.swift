import Store
import SwiftProtobuf
import Synchronization

/// Users of whom nothing new is stored, by keyed digests: known to the tenant without knowing them.
extension Tenant {
    func isSuppressed(_ user: UserID) throws(EngineError) -> Bool {
        if suppressions.withLock({ $0.isEmpty }) { return false }
        let digest = try table.subjectDigest(user)
        return suppressions.withLock { $0.contains(digest) }
    }

    func loadSuppressions(now: Timestamp) async throws(EngineError) {
        let prefix = "SUPPRESSED#"
        var found: Set<String> = []
        try await table.forEachItem(in: Keyspace.partition(.erasures), prefix: prefix, now: now) { item in
            found.insert(String(decoding: item.sort.dropFirst(prefix.utf8.count), as: UTF8.self))
        }
        let loaded = found
        suppressions.withLock { $0 = loaded }
    }

    /// Stores nothing new of a user from here on, or does so again.
    func suppress(_ user: UserID, _ isSuppressed: Bool, by actor: String, now: Timestamp) async throws(EngineError) {
        let digest = try table.subjectDigest(user)
        let key = Keyspace.suppression(digest: digest)
        let entry = try AuditEntry(isSuppressed ? "suppression" : "suppression-lifted", subject: digest, by: actor, in: name, at: now)
        try await AuditLog(tenant: self).append(entry, now: now, with: [key]) { draft, _ throws(IntakeDraft.Interruption) in
            if isSuppressed {
                try draft.put(key, SuppressionRecord.with { $0.since = now.milliseconds })
            } else if try draft.payload(of: key) != nil {
                try draft.delete(key)
            }
        }
        suppressions.withLock { digests in
            if isSuppressed { digests.insert(digest) } else { digests.remove(digest) }
        }
    }
}
