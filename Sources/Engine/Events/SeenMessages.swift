import SwiftProtobuf

/// Message ids that have been taken, as keyed digests, so that the same event is not taken twice.
///
/// Two generations: when the young one has lasted as long as a message must be known, it becomes the old one and the old one goes. So a
/// message is known for 48 to 96 hours, where it has been put into another item meanwhile for as long again, and forgetting costs nothing.
package struct SeenMessages: Sendable, Equatable {
    package internal(set) var generationBeganAt: Timestamp
    package internal(set) var young: [UInt64] = []
    package internal(set) var old: [UInt64] = []

    package init(now: Timestamp) {
        generationBeganAt = now
    }

    package var count: Int { young.count + old.count }

    package func contains(_ digest: UInt64) -> Bool {
        young.contains(digest) || old.contains(digest)
    }

    package mutating func insert(_ digest: UInt64, now: Timestamp) {
        turn(now: now)
        young.append(digest)
    }

    /// Forgets what has been put into an item of its own.
    mutating func forget(shard: Int) {
        young.removeAll { Self.shard(of: $0) == shard }
        old.removeAll { Self.shard(of: $0) == shard }
    }

    /// Forgets messages that are another's by now.
    mutating func forget(_ digests: Set<UInt64>) {
        young.removeAll(where: digests.contains)
        old.removeAll(where: digests.contains)
    }

    /// Forgets the oldest beyond a number.
    mutating func forget(beyond max: Int) {
        guard count > max else { return }
        old.removeFirst(min(old.count, count - max))
        young.removeFirst(max < young.count ? young.count - max : 0)
    }

    /// Forgets what is old enough.
    package mutating func turn(now: Timestamp) {
        let age = now.seconds(since: generationBeganAt)
        guard age >= Double(Limits.messageMemorySeconds) else { return }
        old = age < Double(2 * Limits.messageMemorySeconds) ? young : []
        young = []
        generationBeganAt = now
    }
}

extension SeenMessages {
    init(_ record: SeenRecord) {
        generationBeganAt = Timestamp(milliseconds: record.generationBeganAt)
        young = record.young
        old = record.old
    }

    var record: SeenRecord {
        SeenRecord.with {
            $0.generationBeganAt = generationBeganAt.milliseconds
            $0.young = young
            $0.old = old
        }
    }

    /// Which of the items that message ids are spread over knows this one.
    static func shard(of digest: UInt64) -> Int { Int(digest % UInt64(Limits.messageShards)) }
}
