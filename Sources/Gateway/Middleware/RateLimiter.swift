package import Engine
import Synchronization

/// A token bucket for each tenant: so many requests a minute, of which a full minute's worth may come at once.
///
/// Buckets are apart, so a tenant that spends its own takes nothing from another. They live in memory: a restart fills them.
package typealias RateLimiter = BucketLimiter<TenantName>

/// As `RateLimiter`, for keys and addresses.
typealias KeyedRateLimiter = BucketLimiter<String>

/// What one request found.
package struct RateLimitDecision: Sendable, Equatable {
    package let isAdmitted: Bool
    /// Whole requests left.
    package let remaining: Int
    /// Until the next request is admitted where none is left; else until the bucket is full.
    package let resetSeconds: Int

    package init(isAdmitted: Bool, remaining: Int, resetSeconds: Int) {
        self.isAdmitted = isAdmitted
        self.remaining = remaining
        self.resetSeconds = resetSeconds
    }
}

/// Token buckets, one for each of those who are limited.
package final class BucketLimiter<Limited: Hashable & Sendable>: Sendable {
    package typealias Decision = RateLimitDecision

    package static var windowSeconds: Int { rateWindowSeconds }

    package let requestsPerMinute: Int
    private let tenantsMax: Int
    private let now: @Sendable () -> ContinuousClock.Instant
    private let buckets = Mutex<[Limited: Bucket]>([:])

    /// - Parameter now: The clock; tests bring their own.
    package init(
        requestsPerMinute: Int,
        tenantsMax: Int = GatewayLimits.rateLimitedTenantsMax,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        precondition(requestsPerMinute > 0 && tenantsMax > 0, "a limit of nothing is no limiter")
        self.requestsPerMinute = requestsPerMinute
        self.tenantsMax = tenantsMax
        self.now = now
    }

    /// Takes one request out of the tenant's bucket.
    package func admit(_ tenant: Limited) -> Decision {
        let instant = now()
        return buckets.withLock { buckets in
            if buckets[tenant] == nil, buckets.count >= tenantsMax { makeRoom(in: &buckets, at: instant) }
            return buckets[tenant, default: Bucket(tokens: capacity, filledAt: instant)].take(at: instant, capacity: capacity)
        }
    }

    private var capacity: Double { Double(requestsPerMinute) }

    /// A full bucket says what no bucket says; where all are in use, one is given up and its tenant starts afresh.
    private func makeRoom(in buckets: inout [Limited: Bucket], at instant: ContinuousClock.Instant) {
        buckets = buckets.filter { $0.value.tokens(at: instant, capacity: capacity) < capacity }
        if buckets.count >= tenantsMax, let any = buckets.keys.first { buckets[any] = nil }
    }
}

private let rateWindowSeconds = 60

private struct Bucket {
    var tokens: Double
    var filledAt: ContinuousClock.Instant

    func tokens(at instant: ContinuousClock.Instant, capacity: Double) -> Double {
        let perSecond = capacity / Double(rateWindowSeconds)
        return min(capacity, tokens + max(0, (instant - filledAt) / .seconds(1)) * perSecond)
    }

    mutating func take(at instant: ContinuousClock.Instant, capacity: Double) -> RateLimitDecision {
        tokens = tokens(at: instant, capacity: capacity)
        filledAt = instant
        let isAdmitted = tokens >= 1
        if isAdmitted { tokens -= 1 }
        let missing = tokens >= 1 ? capacity - tokens : 1 - tokens
        let seconds = missing * Double(rateWindowSeconds) / capacity
        return RateLimitDecision(
            isAdmitted: isAdmitted, remaining: Int(tokens), resetSeconds: max(1, Int(seconds.rounded(.up))))
    }
}
