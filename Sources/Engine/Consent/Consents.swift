import AttuneCrypto
import SwiftProtobuf
import Tokens

/// What users allow: read, decided, with its history kept.
package struct Consents: Sendable {
    package func consent(_ scope: Scope, _ user: AuthorizedUser) async throws(EngineError) -> ConsentState {
        let record = try await scope.tenant.table.get(.consent(user.id), as: ConsentRecord.self, now: scope.now)
        return ConsentState(record?.value, of: scope.tenant)
    }

    /// Takes over some decisions and leaves the others as they are.
    package func decide(_ scope: Scope, _ user: AuthorizedUser, _ change: ConsentChange) async throws(EngineError) -> ConsentState {
        try change.validate()
        let record = try await take(scope, user, change)
        // What was said at the banner can be taken back there, whoever the visitor has turned out to be. It gives nothing away.
        let joined = try await scope.resolved(user.id)
        var refusals = change
        refusals.decisions = change.decisions.filter { !$0.value }
        if joined != user.id, !refusals.decisions.isEmpty { _ = try await take(scope, AuthorizedUser(own: joined), refusals) }
        return ConsentState(record, of: scope.tenant)
    }

    private func take(_ scope: Scope, _ user: AuthorizedUser, _ change: ConsentChange) async throws(EngineError) -> ConsentRecord {
        for _ in 0..<Limits.consentAttemptsMax {
            if let record = try await attempt(scope, user, change) { return record }
        }
        throw EngineError(.unavailable, "Too many decide for this user at once. Try again.", retryAfterSeconds: 1)
    }

    /// - Returns: nil where another decision has taken the place of the oldest one meanwhile.
    private func attempt(
        _ scope: Scope, _ user: AuthorizedUser, _ change: ConsentChange
    ) async throws(EngineError) -> ConsentRecord? {
        let (state, added) = (Keyspace.consent(user.id), Keyspace.consentChange(user.id, id: ConsentChange.newID(at: scope.now)))
        let surplus = try await surplusChange(scope, user)
        let history = change.record(by: scope.principal, at: scope.now)
        let advice: [Keyspace] = change.decisions[.ai] == false ? [.advice(user.id), .suggestedAdvice(user.id)] : []
        let keys = [state, added] + advice + [surplus].compactMap(\.self)
        return try await scope.tenant.table.write(keys, now: scope.now) { table throws(EngineError) in
            var record = try table.get(state, as: ConsentRecord.self) ?? ConsentRecord()
            record.isOfVisitor = scope.isBrowser && (record.isOfVisitor || record.decisions.isEmpty)
            record.apply(change, at: scope.now)
            if let surplus, table.version(of: surplus) != 0 {
                table.delete(surplus)
            } else {
                guard record.keptChanges < Limits.consentChangesPerUserMax else { return nil }
                record.keptChanges += 1
            }
            try table.put(state, record)
            try table.put(added, history)
            if !advice.isEmpty { try table.forgetAdvice(of: user.id, now: scope.now) }
            return record
        }
    }

    /// Every decision that is kept, oldest first.
    package func history(_ scope: Scope, _ user: AuthorizedUser) async throws(EngineError) -> [ConsentEntry] {
        let records = try await scope.tenant.table.all(
            in: Keyspace.partition(of: user.id), prefix: Keyspace.consentChangePrefix, as: ConsentChangeRecord.self, now: scope.now)
        return records.map { ConsentEntry($0.value) }
    }

    /// The oldest change, where there are as many as are kept.
    private func surplusChange(_ scope: Scope, _ user: AuthorizedUser) async throws(EngineError) -> Keyspace? {
        let table = scope.tenant.table
        let present = try await table.get(.consent(user.id), as: ConsentRecord.self, now: scope.now)
        guard let present, present.value.keptChanges >= Limits.consentChangesPerUserMax else { return nil }
        let oldest = try await table.firstSort(
            in: Keyspace.partition(of: user.id), prefix: Keyspace.consentChangePrefix, now: scope.now)
        return oldest.map { .consentChange(user.id, id: String($0.dropFirst(Keyspace.consentChangePrefix.count))) }
    }
}

extension ConsentRecord {
    fileprivate mutating func apply(_ change: ConsentChange, at now: Timestamp) {
        let made = change.decisionRecords(at: now)
        decisions.removeAll { known in made.contains { $0.purpose == known.purpose } }
        decisions += made
        source = change.source
        updatedAt = now.milliseconds
    }
}

extension ConsentChange {
    /// Hexadecimal milliseconds and a random number: sorts by time, and two changes of one millisecond are two.
    static func newID(at now: Timestamp) -> String {
        id(at: now, number: SecureRandom.bytes(8).reduce(0) { $0 << 8 | UInt64($1) })
    }

    static func id(at now: Timestamp, number: UInt64) -> String {
        hexadecimal(UInt64(bitPattern: now.milliseconds)) + hexadecimal(number)
    }

    private static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    fileprivate func record(by principal: Principal, at now: Timestamp) -> ConsentChangeRecord {
        .with {
            $0.decisions = decisionRecords(at: now)
            $0.source = source
            $0.wordingVersion = wordingVersion ?? ""
            $0.channel = channel ?? ""
            $0.credential = ConsentChangeRecord.CredentialKind(principal.kind)
            $0.decidedAt = now.milliseconds
        }
    }
}

extension ConsentChangeRecord.CredentialKind {
    init(_ kind: Principal.Kind) {
        switch kind {
        case .key(.secret): self = .secretKey
        case .key(.publishable): self = .publishableKey
        case .key(.privacy): self = .privacyKey
        case .user: self = .userToken
        case .operatorConsole: self = .operator
        }
    }
}

extension ConsentEntry {
    init(_ record: ConsentChangeRecord) {
        let decisions = record.decisions.compactMap { decision in Purpose(decision.purpose).map { ($0, decision.isGranted) } }
        change = ConsentChange(
            decisions: Dictionary(decisions) { $1 }, source: record.source,
            wordingVersion: record.wordingVersion.isEmpty ? nil : record.wordingVersion,
            channel: record.channel.isEmpty ? nil : record.channel)
        credential = CredentialKind(record.credential)
        decidedAt = Timestamp(milliseconds: record.decidedAt)
    }
}

extension ConsentEntry.CredentialKind {
    init(_ kind: ConsentChangeRecord.CredentialKind) {
        switch kind {
        case .secretKey: self = .secretKey
        case .publishableKey: self = .publishableKey
        case .privacyKey: self = .privacyKey
        case .userToken: self = .userToken
        case .operator: self = .operatorConsole
        case .unknown, .UNRECOGNIZED: self = .unknown
        }
    }
}
