import Store

/// What one tenant or one user may take of the provider, so that something is left for the others.
///
/// Users are known here by a hash with a seed of this process, so that no id stays in memory when its user has gone. A restart gives
/// everybody a new share; the tenant's budget holds all the same.
struct AIShares: Sendable {
    private struct Day: Sendable {
        let number: Int64
        var calls = 0
    }

    private var callsInFlight = 0
    private var callsOfTenants: [TenantNumber: Int] = [:]
    private var days = TwoGenerationCache<Int, Day>(entriesMax: Limits.aiUsersCountedMax)

    // MARK: Calls in flight

    /// Whether a tenant may have one more call in flight: of the places for all, the last quarter is the others'.
    func hasPlace(for tenant: TenantNumber, of places: Int) -> Bool {
        callsInFlight < places && callsOfTenants[tenant, default: 0] < max(1, places * 3 / 4)
    }

    mutating func enter(_ tenant: TenantNumber) {
        callsInFlight += 1
        callsOfTenants[tenant, default: 0] += 1
    }

    mutating func leave(_ tenant: TenantNumber) {
        callsInFlight -= 1
        let left = callsOfTenants[tenant, default: 1] - 1
        callsOfTenants[tenant] = left > 0 ? left : nil
    }

    // MARK: Calls of a day

    /// Dashboards and suggestions are counted apart: who asks for many of these still gets those.
    mutating func isSpent(_ subject: AIQuestion.Subject, day: Int64) -> Bool {
        guard let known = days.value(subject.hashValue), known.number == day else { return false }
        return known.calls >= Limits.aiCallsPerUserAndDay
    }

    mutating func countCall(_ subject: AIQuestion.Subject, day: Int64) {
        let key = subject.hashValue
        var counted = days.value(key) ?? Day(number: day)
        if counted.number != day { counted = Day(number: day) }
        counted.calls += 1
        days.insert(counted, for: key)
    }
}
