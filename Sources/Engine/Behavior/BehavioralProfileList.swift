import Store
import SwiftProtobuf

/// Lists of behavioral profiles, and the look-up by level behind them.
///
/// A level follows from a score that was given, and then changes by a write alone; or from behaviour, and then also as time passes. So
/// the look-up tells the level as it was last judged: by a write, or by events that the user has sent since. Whoever reads it judges anew,
/// shows nobody under a level that is not theirs, and files some of them where they belong; `BehavioralLevelUpkeep` does that for the
/// others.
extension BehavioralProfiles {
    /// Profiles in the order of their ids.
    /// - Parameters:
    ///   - after: an id; only profiles behind it. Costs nothing, however far.
    ///   - skip: how many to leave out besides; costs a little for each.
    package func profiles(
        _ scope: Scope, after: Int64 = 0, skip: Int, limit: Int, level: EngagementLevel?
    ) async throws(EngineError) -> [BehavioralProfile] {
        try scope.authorize(.manageBehavioralProfiles)
        var cursor = ListCursor(level: level, after: after)
        guard try await self.skip(scope, skip, &cursor) else { return [] }
        var (found, misplaced): ([BehavioralProfile], [BehavioralProfile]) = ([], [])
        while found.count < limit {
            let page = try await page(scope, &cursor, limit: min(limit, Self.profilesPerRead))
            for entry in page.entries where found.count < limit {
                guard let profile = try await present(scope, entry.user) else { continue }
                if level == nil || profile.level == level {
                    found.append(profile)
                } else if misplaced.count < Limits.behavioralProfilesFiledPerReadMax {
                    misplaced.append(profile)
                }
            }
            if page.isLast { break }
        }
        try await file(scope, misplaced)
        return found
    }

    /// - Returns: false where there is nothing behind.
    private func skip(_ scope: Scope, _ count: Int, _ cursor: inout ListCursor) async throws(EngineError) -> Bool {
        guard count > 0 else { return true }
        let counter = try await scope.tenant.table.get(
            .behavioralProfileCounter, as: BehavioralProfileCounterRecord.self, now: scope.now)
        guard count < counter?.value.lastID ?? 0 else { return false }
        guard count <= Limits.behavioralProfilesSkippedMax else {
            throw .invalid("/skip", "must be at most 100000: after_id goes further")
        }
        var rest = count
        while rest > 0 {
            let page = try await page(scope, &cursor, limit: min(rest, StoreLimits.itemsPerQueryMax))
            rest -= page.read
            if page.isLast { return false }
        }
        return true
    }

    private static let profilesPerRead = 200

    private func page(_ scope: Scope, _ cursor: inout ListCursor, limit: Int) async throws(EngineError) -> ListPage {
        let items = try await scope.tenant.table.page(
            in: Keyspace.partition(.behavioralProfiles), prefix: cursor.prefix, after: cursor.last, limit: limit, now: scope.now)
        if let end = items.last { cursor.last = String(decoding: end.sort, as: UTF8.self) }
        var (entries, last): ([ListPage.Entry], Int64) = ([], 0)
        for item in items {
            last = Int64(String(decoding: item.sort, as: UTF8.self).dropFirst(cursor.prefix.utf8.count), radix: 16) ?? last
            // One that is damaged leads to nobody, and keeps nobody else from being found.
            guard let record = try? BehavioralProfileIndexRecord(stored: item.item.payload), let user = try? UserID(record.userID) else {
                continue
            }
            entries.append(ListPage.Entry(user: user))
        }
        return ListPage(entries: entries, read: items.count, last: items.count < limit ? nil : last)
    }

    /// Files profiles under their levels as they were judged just now, where they stand under others.
    func file(_ scope: Scope, _ profiles: [BehavioralProfile]) async throws(EngineError) {
        var ids: Set<Int64> = []
        let profiles = profiles.filter { ids.insert($0.id).inserted }
        for start in stride(from: 0, to: profiles.count, by: Self.profilesPerFiling) {
            let some = Array(profiles[start..<min(start + Self.profilesPerFiling, profiles.count)])
            let misplaced = try await misplaced(scope, some)
            guard !misplaced.isEmpty else { continue }
            let keys = misplaced.flatMap { [Keyspace.behavioralProfile($0.userID)] + Keyspace.behavioralLevelIndexes($0.id) }
            try await scope.tenant.table.write(keys, now: scope.now) { table throws(EngineError) in
                for profile in misplaced { try Self.file(profile, in: &table) }
            }
        }
    }

    /// Each touches four items.
    private static let profilesPerFiling = 25

    private func misplaced(_ scope: Scope, _ profiles: [BehavioralProfile]) async throws(EngineError) -> [BehavioralProfile] {
        let levels = EngagementLevel.allCases
        let filed = try await scope.tenant.table.items(profiles.flatMap { Keyspace.behavioralLevelIndexes($0.id) }, now: scope.now)
        return profiles.enumerated().filter { place, profile in
            levels.enumerated().contains { ($1 == profile.level) != (filed[place * levels.count + $0] != nil) }
        }.map(\.element)
    }

    private static func file(_ profile: BehavioralProfile, in table: inout TableDraft) throws(EngineError) {
        // Whoever was erased meanwhile comes back under no level.
        let record = try table.get(.behavioralProfile(profile.userID), as: BehavioralProfileRecord.self)
        for level in EngagementLevel.allCases {
            let entry = Keyspace.behavioralLevelIndex(level, profile.id)
            if level == profile.level, record?.id == profile.id {
                try table.put(entry, BehavioralProfileIndexRecord.with { $0.userID = profile.userID.text })
            } else if table.version(of: entry) != 0 {
                table.delete(entry)
            }
        }
    }

    /// Files users' profiles anew where events that were just taken have changed their levels, so that the next read finds them there.
    /// What cannot be filed now is by upkeep.
    func fileAnew(_ scope: Scope, _ users: [UserID]) async {
        var profiles: [BehavioralProfile] = []
        for user in users {
            let key = Keyspace.behavioralProfile(user)
            // Most users have none; and a score that somebody has given lately stands whatever happens.
            guard let stored = try? await scope.tenant.table.get(key, as: BehavioralProfileRecord.self, now: scope.now),
                scope.now.days(since: Timestamp(milliseconds: stored.value.scoredAt)) >= Double(scope.tenant.explicitScoreDays),
                let profile = try? await present(scope, user)
            else { continue }
            profiles.append(profile)
        }
        if !profiles.isEmpty { try? await file(scope, profiles) }
    }

    /// Judges the profiles behind an id anew, a bounded number of them.
    /// - Returns: how many there were, and the last id that was looked at; nil at the end.
    func judge(_ scope: Scope, after: Int64, limit: Int) async throws(EngineError) -> (judged: Int, last: Int64?) {
        var cursor = ListCursor(level: nil, after: after)
        let page = try await page(scope, &cursor, limit: limit)
        for start in stride(from: 0, to: page.entries.count, by: Self.profilesPerFiling) {
            var some: [BehavioralProfile] = []
            for entry in page.entries[start..<min(start + Self.profilesPerFiling, page.entries.count)] {
                // One that is damaged shall not keep the others from their places.
                do throws(EngineError) {
                    if let profile = try await present(scope, entry.user) { some.append(profile) }
                } catch {
                    guard error.code == .damaged else { throw error }
                }
            }
            try await file(scope, some)
        }
        return (page.read, page.last)
    }

    /// Whether there are profiles and none is filed under a level: they are from before there was such a look-up.
    func areUnfiled(_ scope: Scope) async throws(EngineError) -> Bool {
        let (table, partition) = (scope.tenant.table, Keyspace.partition(.behavioralProfiles))
        guard try await table.firstSort(in: partition, prefix: "LEVEL#", now: scope.now) == nil else { return false }
        return try await table.firstSort(in: partition, prefix: "PROFILE#", now: scope.now) != nil
    }
}

/// How far a list has been read.
private struct ListCursor {
    let prefix: String
    var last: String?

    init(level: EngagementLevel?, after: Int64) {
        prefix = level.map { Keyspace.behavioralLevelPrefix($0) } ?? "PROFILE#"
        last = after > 0 ? prefix + Keyspace.profileName(after) : nil
    }
}

private struct ListPage {
    struct Entry {
        let user: UserID
    }

    let entries: [Entry]
    /// How many items there were, damaged ones among them.
    let read: Int
    /// The id that it ends with; nil: nothing is behind.
    let last: Int64?
    var isLast: Bool { last == nil }
}
