import Store

/// What a tenant's users do, from a bounded number of them: the overview's charts.
///
/// All users where they are few; of many, some from each of several stretches of their slots, so that the old and the new are among them.
package struct UserSample: Sendable {
    /// Users that were read.
    package var users = 0
    package var uses: UInt64 = 0
    /// By hour on the users' own clocks, from midnight.
    package var usesByHour = [UInt64](repeating: 0, count: 24)
    /// Users changed within the last 7 and 30 days.
    package var activeInWeek = 0
    package var activeInMonth = 0
    package var withGoals = 0
    package var goalsCompleted = 0
    package var goals = 0
    /// Uses of each feature, most used first, then by name.
    package var features: [(feature: String, uses: UInt64, users: Int)] = []

    fileprivate init(_ profiles: [PersonalizationProfile], now: Timestamp) {
        var byFeature: [String: (uses: UInt64, users: Int)] = [:]
        for profile in profiles {
            users += 1
            for hour in usesByHour.indices { usesByHour[hour] += profile.usesByHour[hour] }
            if let updatedAt = profile.updatedAt {
                if now.days(since: updatedAt) <= 7 { activeInWeek += 1 }
                if now.days(since: updatedAt) <= 30 { activeInMonth += 1 }
            }
            if !profile.goalProgress.isEmpty { withGoals += 1 }
            goals += profile.goalProgress.count
            goalsCompleted += profile.goalProgress.count { $0.status == .completed }
            for feature in profile.features {
                uses += feature.count
                let known = byFeature[feature.feature] ?? (0, 0)
                byFeature[feature.feature] = (known.uses + feature.count, known.users + 1)
            }
        }
        features = byFeature.map { ($0.key, $0.value.uses, $0.value.users) }
            .sorted { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
    }
}

extension UserList {
    private static let stretches = 8

    /// Reads a sample of the tenant's users: at most `Limits.sampledUsersMax`.
    package func sample(_ scope: Scope) async throws(EngineError) -> UserSample {
        try scope.authorize(.readOverview)
        var profiles: [PersonalizationProfile] = []
        for id in try sampledUsers(scope) {
            let user = try scope.authorize(.readPersonalization, for: .user(id))
            // One damaged record hides no other.
            guard let profile = try? await personalization.profile(scope, user), (try? await scope.resolved(id)) == id else { continue }
            profiles.append(profile.value)
        }
        return UserSample(profiles, now: scope.now)
    }

    /// Ids of a sample, visitors who were joined to users among them.
    func sampledUsers(_ scope: Scope) throws(EngineError) -> [UserID] {
        let partitionsMax = Limits.sampledUsersMax + Keyspace.Shared.allCases.count
        let tenant = scope.tenant.number
        let starts = vault.starts(ofStretches: vault.partitionCount(of: tenant) <= partitionsMax ? 1 : Self.stretches, of: tenant)
        var users: [UserID] = []
        var next: UInt32? = 0
        for start in starts {
            // Where stretches share a block the later goes on behind the former, so that nobody counts twice.
            guard let slot = next else { break }
            let walk = try walk(scope, from: max(start, slot), limit: partitionsMax / starts.count)
            users += walk.found.compactMap { found in (try? store.name(of: found.address)).flatMap { Keyspace.user(ofPartition: $0) } }
            next = walk.next
        }
        return users
    }

    /// Looks at no more blocks than it may find partitions.
    private func walk(_ scope: Scope, from slot: UInt32, limit: Int) throws(EngineError) -> KeyVault.Walk {
        do {
            let slotsMax = limit * Int(SlotBlocks.slotsPerBlockDefault)
            return try vault.partitions(of: scope.tenant.number, from: slot, slotsMax: slotsMax, limit: limit)
        } catch {
            throw EngineError(error)
        }
    }
}
