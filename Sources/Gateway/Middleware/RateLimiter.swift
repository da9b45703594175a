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
    private let buckets = Mutex(Generations())

    /// Of what has not been asked for since the older one began, the older one is given up as a whole: without looking at each.
    private struct Generations {
        var young: [Limited: Bucket] = [:]
        var old: [Limited: Bucket] = [:]
    }

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
            if buckets.young[tenant] == nil {
                let known = buckets.old.removeValue(forKey: tenant)
                if buckets.young.count >= max(tenantsMax / 2, 1) { (buckets.old, buckets.young) = (buckets.young, [:]) }
                buckets.young[tenant] = known
            }
            return buckets.young[tenant, default: Bucket(tokens: capacity, filledAt: instant)].take(at: instant, capacity: capacity)
        }
    }

    private var capacity: Double { Double(requestsPerMinute) }
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
