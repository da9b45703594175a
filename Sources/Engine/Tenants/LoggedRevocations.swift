import FoundationEssentials
import Synchronization

/// What a tenant's log says of credentials that are refused.
///
/// A record is sealed, but a copy of an earlier state of it is sealed as well: whoever can write to the disk could put back a key's record
/// from before its revocation while the server is stopped. The log is a tree whose root is signed, so it is compared with the records when
/// they are loaded, and what it refuses is refused.
struct LoggedRevocations: Sendable {
    /// When keys were revoked, by their ids.
    private(set) var revokedKeys: [String: Timestamp] = [:]
    /// When keys were replaced, which gives them an end, by their ids.
    private(set) var rotatedKeys: [String: Timestamp] = [:]
    /// When tokens were revoked, by their `jti`.
    private(set) var revokedTokens: [String: Timestamp] = [:]

    private struct Leaf: Decodable {
        let object: String?
    }

    /// - Throws: `.damaged` where the log cannot be read.
    init(of tenant: Tenant, now: Timestamp) async throws(EngineError) {
        let log = AuditLog(tenant: tenant)
        var next: UInt64 = 0
        while true {
            let leaves = try await log.leaves(from: next, limit: Limits.auditEntriesPerPageMax, now: now)
            for leaf in leaves { take(leaf) }
            next += UInt64(leaves.count)
            if leaves.count < Limits.auditEntriesPerPageMax { return }
        }
    }

    private mutating func take(_ entry: AuditLeafRecord) {
        guard ["key-revoked", "key-rotated", "token-revoked"].contains(entry.action),
            let object = try? JSONDecoder().decode(Leaf.self, from: entry.leaf).object
        else { return }
        let at = Timestamp(milliseconds: entry.at)
        switch entry.action {
        case "key-revoked": revokedKeys[object] = at
        // "old to new"
        case "key-rotated": rotatedKeys[String(object.prefix { $0 != " " })] = at
        default: revokedTokens[object] = at
        }
    }

    /// A key's record as it has to be by the log; nil where it is.
    func corrected(_ record: APIKeyRecord) -> APIKeyRecord? {
        let revokedAt = record.hasRevokedAt ? nil : revokedKeys[record.id]
        // Without its end nobody knows how long the overlap was.
        let endedAt = record.hasRevokedAt || record.hasExpiresAt ? nil : rotatedKeys[record.id]
        guard let at = revokedAt ?? endedAt else { return nil }
        var corrected = record
        corrected.revokedAt = at.milliseconds
        return corrected
    }
}

extension Tenant {
    /// Refuses tokens that the log says are revoked, as long as one of their age may live.
    func revoke(_ tokens: [String: Timestamp], now: Timestamp) throws(EngineError) {
        for (id, at) in tokens {
            let end = at.adding(seconds: Int64(Limits.tokenLifeSecondsMax + Limits.clockSkewSecondsMax))
            guard now < end else { continue }
            let digest = try revocationDigest(ofTokenID: id)
            state.withLock { state in
                if state.revocations[digest] == nil { state.revocations[digest] = end }
            }
        }
    }
}
