import SwiftProtobuf

/// What is kept of a user's behaviour in one item, so that an event costs one read and one write of it: the newest day, the session that is
/// open, and what says where the rest lies.
struct BehaviorState: Sendable {
    /// The page of events that is being filled.
    struct Tail: Sendable {
        let name: String
        let firstAt: Timestamp
        var lastAt: Timestamp
        let bytes: Int

        /// Whether an event of that moment goes onto it.
        func takes(_ moment: Timestamp) -> Bool {
            moment >= lastAt && moment <= firstAt.adding(seconds: Limits.eventPageSeconds) && bytes < Limits.eventPageBytes
        }
    }

    var firstSeenAt: Timestamp
    var lastSeenAt: Timestamp
    var countedEvents: UInt64 = 0
    var sessions: UInt64 = 0
    /// Whether only anonymous events have named this id: such a visitor may be joined to a user by whoever knows its id.
    var isAnonymous: Bool
    var latestDay: DayBucket?
    var openSession: Session?
    var seen: SeenMessages
    var isSeenSharded = false
    var tail: Tail?

    init(now: Timestamp, isAnonymous: Bool) {
        firstSeenAt = now
        lastSeenAt = now
        self.isAnonymous = isAnonymous
        seen = SeenMessages(now: now)
    }

    init(_ record: BehaviorRecord) {
        firstSeenAt = Timestamp(milliseconds: record.firstSeenAt)
        lastSeenAt = Timestamp(milliseconds: record.lastSeenAt)
        countedEvents = record.countedEvents
        sessions = record.sessions
        isAnonymous = record.isAnonymous
        latestDay = record.hasLatestDay ? DayBucket(record.latestDay) : nil
        openSession = record.hasOpenSession ? Session(record.openSession) : nil
        seen = SeenMessages(record.seen)
        isSeenSharded = record.isSeenSharded
        if record.hasTail {
            tail = Tail(
                name: record.tail.name, firstAt: Timestamp(milliseconds: record.tail.firstAt),
                lastAt: Timestamp(milliseconds: record.tail.lastAt), bytes: Int(record.tail.bytes))
        }
    }

    var record: BehaviorRecord {
        BehaviorRecord.with { record in
            record.firstSeenAt = firstSeenAt.milliseconds
            record.lastSeenAt = lastSeenAt.milliseconds
            record.countedEvents = countedEvents
            record.sessions = sessions
            record.isAnonymous = isAnonymous
            if let latestDay { record.latestDay = latestDay.record }
            if let openSession { record.openSession = openSession.record }
            record.seen = seen.record
            record.isSeenSharded = isSeenSharded
            if let tail {
                record.tail = TailRecord.with {
                    $0.name = tail.name
                    $0.firstAt = tail.firstAt.milliseconds
                    $0.lastAt = tail.lastAt.milliseconds
                    $0.bytes = UInt32(clamping: tail.bytes)
                }
            }
        }
    }
}
