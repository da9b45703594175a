import Store
import SwiftProtobuf

/// A visitor that stands for itself again.
struct JoinLeaver: Sendable {
    let visitor: UserID
    let user: UserID
    /// Keyed digest of the visitor's id.
    let subject: String

    /// What keeps it from leaving: more is known of it than that it was joined.
    private var others: [Keyspace] {
        [.behavior(visitor), .hold(digest: subject)] + VisitorJoins.signs(of: visitor)
    }
    private var note: Keyspace { .releasedVisitor(user, digest: subject) }

    var keys: [Keyspace] { [.identity(visitor), .consent(visitor), note, .joinCounter] + others }

    func canLeave(_ table: Table, now: Timestamp) async throws(EngineError) -> Bool {
        let items = try await table.items([.identity(visitor), .consent(visitor)] + others, now: now)
        let answers = try items[1].map { item throws(EngineError) in try item.record(as: ConsentRecord.self) }
        guard answers?.isOfVisitorAlone ?? true, items.dropFirst(2).allSatisfy({ $0 == nil }) else { return false }
        return try items[0].map { item throws(EngineError) in Self.isFree(try item.record(as: IdentityRecord.self)) } ?? false
    }

    /// One that others were joined to leads them to the user.
    private static func isFree(_ identity: IdentityRecord) -> Bool { identity.isMoved && identity.joinedFrom.isEmpty }

    /// - Returns: whether it has left.
    func leave(_ other: inout IdentityRecord, in draft: inout IntakeDraft) throws(IntakeDraft.Interruption) -> Bool {
        guard let own = try draft.get(.identity(visitor), as: IdentityRecord.self), Self.isFree(own),
            let place = other.joinedFrom.firstIndex(where: { $0.hasSameBytes(as: visitor.text) })
        else { return false }
        for key in others where try draft.version(of: key) != 0 { return false }
        if let answers = try draft.get(.consent(visitor), as: ConsentRecord.self), !answers.isOfVisitorAlone { return false }
        other.joinedFrom.remove(at: place)
        try draft.delete(.identity(visitor))
        // Backups hold what it did as the visitor's: whoever erases the user erases that, too.
        try draft.put(note, ReleasedVisitorRecord.with { $0.visitor = visitor.text })
        var counter = try draft.get(.joinCounter, as: JoinCounterRecord.self) ?? JoinCounterRecord()
        counter.joined -= min(counter.joined, 1)
        try draft.put(.joinCounter, counter)
        return true
    }
}
