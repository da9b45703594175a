import Store
import Synchronization

/// What the engine tells those who watch it, at one moment; no tenant and no user in it.
package struct EngineFigures: Sendable {
    /// The store's own, for callers that do not know it.
    package struct Store: Sendable {
        package let bytes: Int
        package let bytesMax: Int
        /// The part of the bound that holds data, 0 to 1.
        package let fullness: Double
        package let commits: Int
        package let commitFailures: Int
        /// Over all commits.
        package let commitSeconds: Double
        package let waitingRequests: Int

        fileprivate init(_ figures: StoreFigures) {
            bytes = figures.bytes
            bytesMax = figures.bytesMax
            fullness = figures.fullness
            commits = figures.commits
            commitFailures = figures.commitFailures
            commitSeconds = figures.commitSeconds
            waitingRequests = figures.waitingRequests
        }
    }

    package let tenants: Int
    package let store: Store
    package let events: EventMeters.Counts
    package let outboxMessages: Int
    /// 0: none waits.
    package let outboxOldestSeconds: Double
    package let openRequests: Int
    package let overdueRequests: Int
    package let erasures: Int
}

extension AttuneEngine {
    package func figures() async -> EngineFigures {
        let now = clock()
        let requests = await requestCensus.count(directory.tenants, now: now)
        return EngineFigures(
            tenants: directory.tenants.count, store: EngineFigures.Store(store.figures), events: events.meters.counts,
            outboxMessages: outbox.waiting,
            outboxOldestSeconds: outbox.oldestSeconds(now: now), openRequests: requests.open, overdueRequests: requests.overdue,
            erasures: erasures.completed)
    }
}

/// Counts data requests that are not completed by reading the tenants' registers, which takes time where there are many: what was counted
/// stays valid for a hundred times as long, so that counting never takes more than a hundredth of the time.
final class RequestCensus: Sendable {
    struct Counts: Sendable {
        var open = 0
        var overdue = 0
    }

    private let latest = Mutex<(counts: Counts, until: ContinuousClock.Instant)?>(nil)

    func count(_ tenants: [Tenant], now: Timestamp) async -> Counts {
        let start = ContinuousClock.now
        if let latest = latest.withLock({ $0 }), start < latest.until { return latest.counts }
        var counts = Counts()
        for tenant in tenants {
            // A register that cannot be read keeps none of the other figures.
            guard let found = try? await Self.count(tenant.table, now: now) else { continue }
            counts.open += found.open
            counts.overdue += found.overdue
        }
        let end = ContinuousClock.now
        latest.withLock { $0 = (counts, end + (end - start) * 100) }
        return counts
    }

    private static func count(_ table: Table, now: Timestamp) async throws(EngineError) -> Counts {
        var counts = Counts()
        let prefix = Keyspace.dataRequestPrefix
        try await table.forEachItem(in: Keyspace.partition(.requests), prefix: prefix, now: now) { item in
            guard let record = try? item.item.record(as: DataRequestRecord.self), let request = try? DataRequest(record), request.isOpen
            else { return }
            counts.open += 1
            if request.period.end < now { counts.overdue += 1 }
        }
        return counts
    }
}
