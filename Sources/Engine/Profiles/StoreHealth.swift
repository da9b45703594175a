import Store
import Synchronization

/// Whether the store commits, found out by a commit: one every few seconds at most, however many ask, since writers wait for it.
final class StoreHealth: Sendable {
    private struct Found: Sendable {
        let at: ContinuousClock.Instant
        let milliseconds: Double?
    }

    private let engine: LMDBEngine
    private let latest = Mutex<Found?>(nil)

    init(_ engine: LMDBEngine) {
        self.engine = engine
    }

    /// How long the latest commit made for this took; nil: it failed.
    func commitMilliseconds() async -> Double? {
        let start = ContinuousClock.now
        let known = latest.withLock { latest -> Found? in
            guard let found = latest, found.at + .seconds(Limits.storeHealthSeconds) > start else {
                // Who comes while this one tries is told what was found before.
                if let found = latest { latest = Found(at: start, milliseconds: found.milliseconds) }
                return nil
            }
            return found
        }
        if let known { return known.milliseconds }
        let commits = (try? await engine.prove()) != nil
        let milliseconds = commits ? (ContinuousClock.now - start) / .milliseconds(1) : nil
        latest.withLock { $0 = Found(at: start, milliseconds: milliseconds) }
        return milliseconds
    }
}
