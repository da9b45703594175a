import Synchronization

/// What happened for a tenant since the process began: counted in memory, for the operators' pages.
final class TenantActivity: Sendable {
    private let counts = Mutex(ActivityCounts())

    func countUse() { counts.withLock { $0.uses += 1 } }

    func countOutcome() { counts.withLock { $0.outcomes += 1 } }

    func countDashboard(_ source: Dashboard.Source) { counts.withLock { $0.dashboards[source, default: 0] += 1 } }

    var present: ActivityCounts { counts.withLock { $0 } }
}

package struct ActivityCounts: Sendable, Equatable {
    /// Uses of features.
    package var uses: UInt64 = 0
    /// Outcomes of content.
    package var outcomes: UInt64 = 0
    /// Dashboards answered to callers, by where they came from.
    package var dashboards: [Dashboard.Source: UInt64] = [:]

    package var dashboardCount: UInt64 { dashboards.values.reduce(0, +) }
}
