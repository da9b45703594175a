/// Every bound of the store in one place, with its unit in its name.
package enum StoreLimits {
    /// LMDB's own bound is 511 (`mdb_env_get_maxkeysize`); the table of what expires puts 8 bytes of time before a key.
    package static let keyBytesMax = 503
    package static let entityTypeBytesMax = 255
    package static let itemsPerTransactionMax = 100
    package static let bytesPerTransactionMax = 4_194_304
    package static let itemsPerQueryMax = 1000

    /// Requests that may wait for the writer; one more is refused.
    package static let waitingRequestsMax = 8192
    /// Requests that one commit takes together.
    package static let requestsPerCommitMax = 1024
    /// A commit that has changed so much takes no further request; the others make the next commit.
    package static let changedBytesPerCommitMax = 16_777_216
    package static let expiredPerSweepMax = 500
    package static let goneItemsPerSweepMax = 500
    /// How long the writer waits for readers to leave before it lets a request fail instead.
    package static let gateWaitMilliseconds = 200
    package static let readersMax: UInt32 = 512

    /// What one step of a compaction reads before it lets go of its snapshot, and writes in one commit.
    static let compactionStepBytes = 2_097_152
    static let compactionStepRecords = 4096
    /// Changes that may be left when the writer stops for the last of them.
    static let compactionChangesLeftMax = 256
    static let compactionRoundsMax = 64
    /// Keys that a compaction keeps in mind as changed; where there are more it gives up.
    static let compactionChangesMax = 200_000
    /// What a disk must have free besides the copy for a compaction to begin.
    static let compactionFreeBytesMin = 67_108_864
    static let overwrittenBytesPerStep = 1_048_576

    /// Pages that no transaction has used yet are seen to at least so far ahead: more than one commit mostly uses.
    static let freshBytesMin = 4_194_304

    package static let mapBytesInitial = 67_108_864
    /// The map grows when less than this share of it is free.
    package static let mapFreeShareMin = 0.25
    /// The map is address space, not disk: it may grow to a tebibyte.
    package static let mapBytesMax = 1_099_511_627_776
    /// Of the operator's bound, what is kept for commits that only delete, so that a full store can be emptied.
    package static let reserveShare = 0.0625
    package static let reserveBytesMax = 16_777_216
    /// Of the disk, what is kept for them.
    package static let diskReserveBytes = 8_388_608

    /// A larger record is a damaged length, not something that was put here.
    static let recordBytesMax = bytesPerTransactionMax + 65_536
    /// A miss in a collection of at most so many items counts them.
    static let itemsCountedOnMissMax = 32
    /// The last page of a query in several pages is checked against the header's count up to here.
    static let itemsCountedOnLastPageMax = 10_000
}
