import Store
import SwiftProtobuf
import Tokens

/// Works out what a credential could have read.
package struct Exposures: Sendable {
    let directory: TenantDirectory
    let users: UserList

    private static let readsAreNotLogged = "whether anything was read, and what: reads are not logged"

    /// - Parameters:
    ///   - credential: a key's id or a token's `jti`.
    ///   - from: RFC 3339; nil: since the credential was made, or for a token since the longest life of one.
    ///   - to: RFC 3339; nil: now.
    /// - Throws: `.notFound` for what can be neither.
    package func exposure(_ scope: Scope, credential: String, from: String?, to: String?) async throws(EngineError) -> Exposure {
        try scope.authorize(.readExposure)
        let start = try from.map { text throws(EngineError) in try Self.moment(text, "/from") }
        let end = try to.map { text throws(EngineError) in try Self.moment(text, "/to") } ?? scope.now
        if let start, start > end { throw .invalid("/to", "must not be before from") }
        if let key = directory.key(credential), key.tenant === scope.tenant {
            return try await exposure(scope, of: key, from: start, to: end)
        }
        // Tokens are not stored: their ids are 16 random bytes.
        guard let bytes = Base64URL.decode(credential), bytes.count == 16 else {
            throw EngineError(.notFound, "There is no key of that id, and a token's jti is of another form.")
        }
        return try await exposure(scope, ofToken: credential, from: start, to: end)
    }

    private static func moment(_ text: String, _ pointer: String) throws(EngineError) -> Timestamp {
        guard let moment = Timestamp(rfc3339: text) else { throw .invalid(pointer, "must be a time as in RFC 3339") }
        return moment
    }

    private func exposure(
        _ scope: Scope, of key: APIKeyEntry, from: Timestamp?, to: Timestamp
    ) async throws(EngineError) -> Exposure {
        let record = key.record
        let made = Timestamp(milliseconds: record.createdAt)
        let start = from ?? made
        let ends = [record.hasExpiresAt ? record.expiresAt : nil, record.hasRevokedAt ? record.revokedAt : nil].compactMap(\.self)
        let goodFrom = max(start, made)
        let goodTo = ends.min().map { min(to, Timestamp(milliseconds: $0)) } ?? to
        let reach = DataReach.all.filter { $0.permission.isGranted(to: key.kind) }
        let isExposed = goodFrom <= goodTo
        let persons = try await persons(scope, since: start, reachesAll: isExposed && reach.contains { $0.isOfPersons })
        func text(_ isSet: Bool, _ milliseconds: Int64) -> String? { isSet ? Timestamp(milliseconds: milliseconds).rfc3339 : nil }
        return Exposure(
            credential: key.id, kind: key.kind.rawValue, asked: .init(from: start.rfc3339, to: to.rfc3339), createdAt: made.rfc3339,
            lastUsedAt: text(record.hasLastUsedAt, record.lastUsedAt), expiresAt: text(record.hasExpiresAt, record.expiresAt),
            revokedAt: text(record.hasRevokedAt, record.revokedAt),
            exposed: isExposed ? .init(from: goodFrom.rfc3339, to: goodTo.rfc3339) : nil,
            reach: isExposed ? reach.map { .init(data: $0.data, routes: $0.routes) } : [], persons: persons,
            notKnown: [
                Self.readsAreNotLogged, "how many users there were at each moment: those held now and those erased since are counted",
                "which tokens and sessions were made with the key, and whether its tenant was suspended meanwhile (the log says when)",
            ])
    }

    private func exposure(
        _ scope: Scope, ofToken id: String, from: Timestamp?, to: Timestamp
    ) async throws(EngineError) -> Exposure {
        let key = Keyspace.revocation(digest: try scope.tenant.revocationDigest(ofTokenID: id))
        let item = try await scope.tenant.table.items([key], now: scope.now)[0]
        let revokedAt = try item.map { item throws(EngineError) in
            Timestamp(milliseconds: try item.record(as: RevocationRecord.self).revokedAt)
        }
        let expiresAt = item?.expiresAt.map { Timestamp(milliseconds: $0).adding(seconds: -Int64(Limits.clockSkewSecondsMax)) }
        let start = from ?? to.adding(seconds: -Int64(Limits.tokenLifeSecondsMax))
        let goodFrom = max(start, expiresAt?.adding(seconds: -Int64(Limits.tokenLifeSecondsMax)) ?? start)
        let goodTo = min(to, [revokedAt, expiresAt].compactMap(\.self).min() ?? to)
        let isExposed = goodFrom <= goodTo
        let reach = DataReach.all.filter { !$0.permission.tokenScopes.isEmpty }
        return Exposure(
            credential: id, kind: "user token", asked: .init(from: start.rfc3339, to: to.rfc3339), createdAt: nil, lastUsedAt: nil,
            expiresAt: expiresAt?.rfc3339, revokedAt: revokedAt?.rfc3339,
            exposed: isExposed ? .init(from: goodFrom.rfc3339, to: goodTo.rfc3339) : nil,
            reach: isExposed ? reach.map { .init(data: "\($0.data), of the token's own user", routes: $0.routes) } : [],
            persons: .init(atMost: isExposed ? 1 : 0, held: isExposed ? 1 : 0, erasedSince: 0),
            notKnown: [
                Self.readsAreNotLogged,
                "whose token it was and which scopes it had: tokens are not stored; what any scope opens is named",
                "when it was made and, unless it was revoked and has not ended, when it ends: a token lives 86,400 s at most",
            ])
    }

    private func persons(_ scope: Scope, since start: Timestamp, reachesAll: Bool) async throws(EngineError) -> Exposure.Persons {
        guard reachesAll else { return .init(atMost: 0, held: 0, erasedSince: 0) }
        var erased = 0
        try await scope.tenant.table.forEachItem(in: Keyspace.partition(.erasures), prefix: "ERASED#", now: scope.now) {
            item throws(EngineError) in
            if try item.item.record(as: ErasedRecord.self).requestedAt >= start.milliseconds { erased += 1 }
        }
        let held = try users.present(in: scope.tenant)
        return .init(atMost: held + erased, held: held, erasedSince: erased)
    }
}
