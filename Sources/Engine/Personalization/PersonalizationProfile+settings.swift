extension PersonalizationProfile {
    /// Replaces the goals. A goal that stays keeps its progress, also where it changes its horizon; one that goes takes it along.
    ///
    /// A goal named twice in one horizon is kept once; more than `Limits.goalsPerHorizonMax` are cut off.
    package mutating func setGoals(shortTerm: [String], longTerm: [String], at moment: Timestamp) {
        shortTermGoals = shortTerm.distinctByBytes(limit: Limits.goalsPerHorizonMax)
        longTermGoals = longTerm.distinctByBytes(limit: Limits.goalsPerHorizonMax)
        let earlier = goalProgress
        func progress(of goal: String, in horizon: GoalProgress.Horizon) -> GoalProgress {
            let known = earlier.filter { $0.goal.hasSameBytes(as: goal) }
            guard let kept = known.first(where: { $0.horizon == horizon }) ?? known.first else {
                return GoalProgress(goal: goal, horizon: horizon, progress: 0, updatedAt: moment)
            }
            return GoalProgress(goal: goal, horizon: horizon, progress: kept.progress, updatedAt: kept.updatedAt)
        }
        goalProgress =
            shortTermGoals.map { progress(of: $0, in: .shortTerm) } + longTermGoals.map { progress(of: $0, in: .longTerm) }
        touch(at: moment)
    }

    /// Notes how far a goal has come, in every horizon that holds it.
    /// - Parameter progress: 0 to 1; what lies outside is taken for the nearer end.
    /// - Returns: false, with nothing changed, where the user has no such goal.
    package mutating func setProgress(of goal: String, to progress: Double, at moment: Timestamp) -> Bool {
        let known = goalProgress.indices.filter { goalProgress[$0].goal.hasSameBytes(as: goal) }
        guard !known.isEmpty else { return false }
        for index in known {
            goalProgress[index].progress = min(max(progress, 0), 1)
            goalProgress[index].updatedAt = moment
        }
        touch(at: moment)
        return true
    }

    /// Replaces the areas of the market that the user works in; each is kept once, at most `Limits.marketFocusAreasMax`.
    package mutating func setMarketFocus(_ areas: [String], at moment: Timestamp) {
        marketFocus = areas.distinctByBytes(limit: Limits.marketFocusAreasMax)
        touch(at: moment)
    }

    /// Sets the zone in which hours are counted from now on; hours counted earlier stay where they are.
    package mutating func setTimeZone(_ name: String, at moment: Timestamp) {
        timeZone = name
        touch(at: moment)
    }
}
