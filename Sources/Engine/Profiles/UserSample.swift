import Store

/// What a tenant's users do, from a bounded number of them: the overview's charts.
///
/// All users where they are few; of many, some from each of several stretches of the vault, so that the old and the new are among them.
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
        let slots = UInt32(clamping: vault.file.slotCount)
        let isWhole = vault.partitionCount(of: scope.tenant.number) <= Limits.sampledUsersMax
        let stretches = isWhole ? 1 : Self.stretches
        var profiles: [PersonalizationProfile] = []
        for stretch in 0..<stretches {
            let start = slots / UInt32(stretches) * UInt32(stretch)
            profiles += try await readProfiles(
                scope, from: start, limit: (Limits.sampledUsersMax + Keyspace.Shared.allCases.count) / stretches,
                slotsMax: Limits.userWalkSlotsMax / stretches)
        }
        return UserSample(profiles, now: scope.now)
    }

    private func readProfiles(
        _ scope: Scope, from slot: UInt32, limit: Int, slotsMax: Int
    ) async throws(EngineError) -> [PersonalizationProfile] {
        var profiles: [PersonalizationProfile] = []
        do {
            for (_, address) in try vault.partitions(of: scope.tenant.number, from: slot, slotsMax: slotsMax, limit: limit).found {
                guard let name = try? store.name(of: address), let id = Keyspace.user(ofPartition: name) else { continue }
                let user = try scope.authorize(.readPersonalization, for: .user(id))
                // One damaged record hides no other.
                guard let profile = try? await personalization.profile(scope, user) else { continue }
                profiles.append(profile.value)
            }
        } catch let error as StoreError {
            throw EngineError(error)
        } catch {
            throw error as? EngineError ?? EngineError(.internalError, "The users could not be read.")
        }
        return profiles
    }
}
