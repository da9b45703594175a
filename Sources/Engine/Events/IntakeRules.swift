/// What a tenant has laid down about taking events.
struct IntakeRules: Sendable {
    var retentionDays = Limits.retentionDaysDefault
    /// Whether navigation, sessions and the marks of message ids are moved by others: set while a visitor's past is joined to a user.
    var isReplay = false
    /// Whether the events have come with others, which are not to suffer from what is wrong with one.
    var isBatch = false
}

/// What became of one user's events in a transaction, in their order.
struct IntakeResult: Sendable {
    var statuses: [EventOutcome.Status] = []
    /// The user whom this visitor has turned out to be: the events are to be taken for that one, and nothing was done.
    var redirect: UserID?

    /// Whether events have been taken that were not there before.
    var hasTaken: Bool { redirect == nil && statuses.contains(.accepted) }
}
