/// How a tenant and the installation that serves it are doing.
package struct Overview: Sendable {
    let users: UserList
    let store: StoreHealth
    let clock: @Sendable () -> Timestamp
    /// When this process opened the data folder: activity is counted from then on.
    package let since: Timestamp

    package struct Numbers: Sendable {
        package let users: Int
        package let activity: ActivityCounts
    }

    /// Of what tenants share, only what says nothing of the others.
    package struct Health: Sendable {
        /// How long the store took lately to commit to the disk, in milliseconds; nil: it cannot, or not read a record of the tenant.
        package let commitMilliseconds: Double?
        package let isVaultOpen: Bool
        package let uptimeSeconds: Int
    }

    /// What changes while one looks on; costs no reading.
    package func numbers(_ scope: Scope) throws(EngineError) -> Numbers {
        try scope.authorize(.readOverview)
        return Numbers(users: try users.count(scope), activity: scope.tenant.activity.present)
    }

    package func health(_ scope: Scope) async throws(EngineError) -> Health {
        try scope.authorize(.readOverview)
        return Health(
            commitMilliseconds: await isReadable(scope) ? await store.commitMilliseconds() : nil,
            isVaultOpen: users.vault.hasTenant(scope.tenant.number),
            uptimeSeconds: max(0, Int(clock().seconds(since: since))))
    }

    private func isReadable(_ scope: Scope) async -> Bool {
        do {
            _ = try await scope.tenant.table.get(.playbook, as: PlaybookRecord.self, now: scope.now)
            return true
        } catch {
            return false
        }
    }

    package func sample(_ scope: Scope) async throws(EngineError) -> UserSample {
        try await users.sample(scope)
    }

    /// To be called for each dashboard that a caller was answered with.
    package func countDashboard(_ scope: Scope, _ source: Dashboard.Source) {
        scope.tenant.activity.countDashboard(source)
    }
}
