import Glibc

/// Exponential decay, told by the time in which half is lost.
enum HalfLife {
    /// What remains of 1 after `days`: 2^(-days / halfLifeDays). Nothing grows: a negative age counts as none.
    static func remainder(afterDays days: Double, halfLifeDays: Double) -> Double {
        days > 0 ? exp2(-days / halfLifeDays) : 1
    }
}

extension WorkflowSequence {
    /// The weight as it is at `now`: what was kept at `lastSeenAt`, halved every `Limits.workflowHalfLifeDays` since.
    package func weight(at now: Timestamp) -> Double {
        weight * HalfLife.remainder(afterDays: now.days(since: lastSeenAt), halfLifeDays: Limits.workflowHalfLifeDays)
    }
}
