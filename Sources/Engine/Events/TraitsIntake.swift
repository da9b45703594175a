import FoundationEssentials
import SwiftProtobuf

/// Merges what `identify` and `group` say into what is known of a user: a later value takes the place of an earlier one, `null` takes a
/// trait away, and what was said earlier but comes late changes nothing.
///
/// What a tenant's server or operator has said is replaced by nobody else, however late the others come, and takes the place of what
/// others have said: a publishable key can be read by everybody, and an address that a stranger has planted must not name a person.
enum TraitsIntake {
    typealias Source = ConsentChangeRecord.CredentialKind

    static func apply(
        _ events: [PreparedEvent], of user: UserID, saidBy source: Source, now: Timestamp, to draft: inout IntakeDraft
    ) throws(IntakeDraft.Interruption) {
        let telling = events.filter { $0.event.kind == .group || $0.event.kind == .identify && !$0.event.traits.isEmpty }
        guard !telling.isEmpty else { return }
        var record = try draft.get(.traits(user), as: TraitsRecord.self) ?? TraitsRecord()
        var room = room(in: record)
        for event in telling.map(\.event) {
            if event.kind == .identify {
                merge(event.traits, saidBy: source, at: event.at, into: &record.traits, room: &room)
            } else if let group = event.groupID {
                join(group, event.traits, saidBy: source, at: event.at, in: &record, room: &room)
            }
        }
        record.updatedAt = now.milliseconds
        try draft.put(.traits(user), record)
    }

    /// Adds what was said of a visitor to what is said of the user who that one is, within the same bounds.
    static func add(_ visitor: TraitsRecord, to record: inout TraitsRecord) {
        var room = room(in: record)
        func merge(_ traits: [TraitRecord], into records: inout [TraitRecord]) {
            for trait in traits {
                let moment = Timestamp(milliseconds: trait.setAt)
                let value = Trait(name: trait.name, value: Array(trait.value))
                Self.merge([value], saidBy: trait.saidBy, at: moment, into: &records, room: &room)
            }
        }
        merge(visitor.traits, into: &record.traits)
        for group in visitor.groups where !record.groups.contains(where: { $0.groupID.hasSameBytes(as: group.groupID) }) {
            // What the user has said counts more than what the visitor has.
            guard record.groups.count < Limits.groupsPerUserMax, room >= size(group.groupID, []) else { continue }
            room -= size(group.groupID, [])
            var joined = GroupMembershipRecord.with {
                $0.groupID = group.groupID
                $0.joinedAt = group.joinedAt
            }
            merge(group.traits, into: &joined.traits)
            record.groups.append(joined)
        }
    }

    /// Puts traits right, whatever was said of them before.
    /// - Returns: false where there is no room for all of them.
    static func rectify(_ traits: [Trait], saidBy source: Source, in record: inout TraitsRecord, at moment: Timestamp) -> Bool {
        var changed = record
        changed.traits.removeAll { known in traits.contains { $0.name.hasSameBytes(as: known.name) } }
        var room = room(in: changed)
        let kept = changed.traits.count
        merge(traits, saidBy: source, at: moment, into: &changed.traits, room: &room)
        guard changed.traits.count == kept + traits.count else { return false }
        changed.updatedAt = moment.milliseconds
        record = changed
        return true
    }

    /// Whether the record is one that could have been told.
    static func fits(_ record: TraitsRecord) -> Bool { room(in: record) >= 0 }

    /// How many bytes the record still takes: what there is no room for is left out.
    private static func room(in record: TraitsRecord) -> Int {
        let groups = record.groups.map { size($0.groupID, []) }
        let traits = (record.traits + record.groups.flatMap(\.traits)).map { size($0.name, $0.value) }
        return Limits.traitsRecordBytesMax - (groups + traits).reduce(0, +)
    }

    /// Bytes that an entry takes at most, with its number and lengths.
    private static func size(_ name: String, _ value: some Collection<UInt8>) -> Int { name.utf8.count + value.count + 24 }

    private static func merge(
        _ traits: [Trait], saidBy source: Source, at moment: Timestamp, into records: inout [TraitRecord], room: inout Int
    ) {
        for trait in traits {
            guard trait.value.count <= Limits.traitValueBytesMax, trait.name.utf8.count <= Limits.traitNameBytesMax else { continue }
            let place = records.firstIndex { $0.name.hasSameBytes(as: trait.name) }
            if let place, !source.replaces(records[place], at: moment) { continue }
            let added = size(trait.name, trait.value) - (place.map { size(records[$0].name, records[$0].value) } ?? 0)
            // What becomes smaller always fits.
            guard added <= max(room, 0) else { continue }
            let record = TraitRecord.with {
                $0.name = trait.name
                $0.value = Data(trait.value)
                $0.setAt = moment.milliseconds
                $0.saidBy = source
            }
            // A trait that was taken away stays as `null`, so that an earlier value that comes late does not bring it back.
            if let place {
                records[place] = record
            } else if records.count < Limits.eventTraitsMax {
                records.append(record)
            } else {
                continue
            }
            room -= added
        }
    }

    private static func join(
        _ group: String, _ traits: [Trait], saidBy source: Source, at moment: Timestamp, in record: inout TraitsRecord, room: inout Int
    ) {
        var place = record.groups.firstIndex { $0.groupID.hasSameBytes(as: group) }
        if place == nil {
            // The membership that was heard of last is the one that counts most.
            if record.groups.count >= Limits.groupsPerUserMax {
                record.groups.removeFirst()
                room = self.room(in: record)
            }
            guard size(group, []) <= room else { return }
            room -= size(group, [])
            record.groups.append(
                GroupMembershipRecord.with {
                    $0.groupID = group
                    $0.joinedAt = moment.milliseconds
                })
            place = record.groups.count - 1
        }
        if let place { merge(traits, saidBy: source, at: moment, into: &record.groups[place].traits, room: &room) }
    }
}

extension ConsentChangeRecord.CredentialKind {
    /// Whether a tenant's own server, its privacy tooling or an operator has spoken. What is not known is not trusted.
    var isTrusted: Bool {
        switch self {
        case .secretKey, .privacyKey, .operator: true
        case .publishableKey, .userToken, .unknown, .UNRECOGNIZED: false
        }
    }

    /// Whether what is said now takes the place of a trait.
    fileprivate func replaces(_ known: TraitRecord, at moment: Timestamp) -> Bool {
        guard isTrusted == known.saidBy.isTrusted else { return isTrusted }
        return known.setAt <= moment.milliseconds
    }
}
