import FoundationEssentials
import SwiftProtobuf

/// Merges what `identify` and `group` say into what is known of a user: a later value takes the place of an earlier one, `null` takes a
/// trait away, and what was said earlier but comes late changes nothing.
enum TraitsIntake {
    static func apply(
        _ events: [PreparedEvent], of user: UserID, now: Timestamp, to draft: inout IntakeDraft
    ) throws(IntakeDraft.Interruption) {
        let telling = events.map(\.event).filter { $0.kind == .group || $0.kind == .identify && !$0.traits.isEmpty }
        guard !telling.isEmpty else { return }
        var record = try draft.get(.traits(user), as: TraitsRecord.self) ?? TraitsRecord()
        for event in telling {
            if event.kind == .identify {
                merge(event.traits, at: event.at, into: &record.traits)
            } else if let group = event.groupID {
                join(group, event, in: &record)
            }
        }
        record.updatedAt = now.milliseconds
        try draft.put(.traits(user), record)
    }

    static func merge(_ traits: [Trait], at moment: Timestamp, into records: inout [TraitRecord]) {
        for trait in traits {
            let place = records.firstIndex { $0.name.hasSameBytes(as: trait.name) }
            if let place, records[place].setAt > moment.milliseconds { continue }
            let record = TraitRecord.with {
                $0.name = trait.name
                $0.value = Data(trait.value)
                $0.setAt = moment.milliseconds
            }
            // A trait that was taken away stays as `null`, so that an earlier value that comes late does not bring it back.
            if let place {
                records[place] = record
            } else if records.count < Limits.eventTraitsMax {
                records.append(record)
            }
        }
    }

    private static func join(_ group: String, _ event: Event, in record: inout TraitsRecord) {
        var place = record.groups.firstIndex { $0.groupID.hasSameBytes(as: group) }
        if place == nil {
            // The membership that was heard of last is the one that counts most.
            if record.groups.count >= Limits.groupsPerUserMax { record.groups.removeFirst() }
            record.groups.append(
                GroupMembershipRecord.with {
                    $0.groupID = group
                    $0.joinedAt = event.at.milliseconds
                })
            place = record.groups.count - 1
        }
        if let place { merge(event.traits, at: event.at, into: &record.groups[place].traits) }
    }
}
