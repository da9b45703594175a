import Store
import SwiftProtobuf

/// Lists of behavioral profiles, and the look-up by level behind them.
///
/// A level follows from a score that was given, and then changes by a write alone; or from behaviour, and then also as time passes. So
/// the look-up tells the level as it was last judged. Whoever reads it judges anew, shows nobody under a level that is not theirs, and
/// files them where they belong; `BehavioralLevelUpkeep` does that for those whom nobody reads.
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
        var found: [BehavioralProfile] = []
        while found.count < limit {
            let page = try await page(scope, &cursor, limit: min(limit, Self.profilesPerRead))
            for entry in page.entries where found.count < limit {
                guard let profile = try await present(scope, entry.user) else { continue }
                if level == nil || profile.level == level {
                    found.append(profile)
                } else {
                    try await file(scope, profile)
                }
            }
            if page.isLast { break }
        }
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
            rest -= page.entries.count
            if page.isLast { return false }
        }
        return true
    }

    private static let profilesPerRead = 200

    private func page(_ scope: Scope, _ cursor: inout ListCursor, limit: Int) async throws(EngineError) -> ListPage {
        let items = try await scope.tenant.table.page(
            in: Keyspace.partition(.behavioralProfiles), prefix: cursor.prefix, after: cursor.last, limit: limit, now: scope.now)
        if let end = items.last { cursor.last = String(decoding: end.sort, as: UTF8.self) }
        var entries: [ListPage.Entry] = []
        for item in items {
            let user = try UserID(try BehavioralProfileIndexRecord(stored: item.item.payload).userID)
            let name = String(decoding: item.sort, as: UTF8.self).dropFirst(cursor.prefix.utf8.count)
            entries.append(ListPage.Entry(id: Int64(name, radix: 16) ?? 0, user: user))
        }
        return ListPage(entries: entries, isLast: items.count < limit)
    }

    /// Files a profile under its level as it was judged just now, where it stands under another.
    func file(_ scope: Scope, _ profile: BehavioralProfile) async throws(EngineError) {
        let (id, own) = (profile.id, profile.level)
        let levels = EngagementLevel.allCases.map { Keyspace.behavioralLevelIndex($0, id) }
        let filed = try await scope.tenant.table.items(levels, now: scope.now)
        guard zip(EngagementLevel.allCases, filed).contains(where: { ($0 == own) != ($1 != nil) }) else { return }
        let (key, user) = (Keyspace.behavioralProfile(profile.userID), profile.userID.text)
        try await scope.tenant.table.write([key] + levels, now: scope.now) { table throws(EngineError) in
            // Whoever was erased meanwhile comes back under no level.
            let record = try table.get(key, as: BehavioralProfileRecord.self)
            for (level, entry) in zip(EngagementLevel.allCases, levels) {
                if level == own, record?.id == id {
                    try table.put(entry, BehavioralProfileIndexRecord.with { $0.userID = user })
                } else if table.version(of: entry) != 0 {
                    table.delete(entry)
                }
            }
        }
    }

    /// Judges the profiles behind an id anew, a bounded number of them.
    /// - Returns: how many there were, and the last id that was looked at; nil at the end.
    func judge(_ scope: Scope, after: Int64, limit: Int) async throws(EngineError) -> (judged: Int, last: Int64?) {
        var cursor = ListCursor(level: nil, after: after)
        let page = try await page(scope, &cursor, limit: limit)
        for entry in page.entries {
            // One that is damaged shall not keep the others from their places.
            do throws(EngineError) {
                if let profile = try await present(scope, entry.user) { try await file(scope, profile) }
            } catch {
                guard error.code == .damaged else { throw error }
            }
        }
        return (page.entries.count, page.isLast ? nil : page.entries.last?.id)
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
        let id: Int64
        let user: UserID
    }

    let entries: [Entry]
    let isLast: Bool
}
