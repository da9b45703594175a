/// The sequences of features that a user goes through within visits.
///
/// A visit ends after `Limits.visitSilenceSeconds` of silence; repeats in a row count once.
package struct WorkflowPatterns: Sendable, Equatable {
    /// Sequences of 2 to 4 features, at most `Limits.sequencesPerProfileMax`.
    package var sequences: [WorkflowSequence] = []
    /// The last features of the present visit, oldest first, at most `Limits.sequenceLengthMax`.
    package var recent: [String] = []
    /// When the present visit was last heard of.
    package var lastSeenAt: Timestamp?

    package init() {}
}

/// One sequence and how often it was walked.
package struct WorkflowSequence: Sendable, Equatable {
    package var features: [String]
    /// How often it was seen, each time.
    package var occurrences: UInt64
    /// The occurrences, halved every `Limits.workflowHalfLifeDays`, as they weigh at `lastSeenAt`.
    package var weight: Double
    package var lastSeenAt: Timestamp

    package init(features: [String], occurrences: UInt64, weight: Double, lastSeenAt: Timestamp) {
        self.features = features
        self.occurrences = occurrences
        self.weight = weight
        self.lastSeenAt = lastSeenAt
    }
}
