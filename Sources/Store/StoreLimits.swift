/// Every bound of the store in one place, with its unit in its name.
package enum StoreLimits {
    /// LMDB's own bound (`mdb_env_get_maxkeysize`), as Debian builds it.
    package static let keyBytesMax = 511
    package static let entityTypeBytesMax = 255
    package static let itemsPerTransactionMax = 100
    package static let bytesPerTransactionMax = 4_194_304
    package static let itemsPerQueryMax = 1000

    /// Requests that may wait for the writer; one more is refused.
    package static let waitingRequestsMax = 8192
    /// Requests that one commit takes together.
    package static let requestsPerCommitMax = 1024
    package static let expiredPerSweepMax = 500
    package static let readersMax: UInt32 = 512

    package static let mapBytesInitial = 67_108_864
    /// The map grows when less than this share of it is free.
    package static let mapFreeShareMin = 0.25
    /// The map is address space, not disk: it may grow to a tebibyte.
    package static let mapBytesMax = 1_099_511_627_776
}
