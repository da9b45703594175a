import Engine
import HTTPTypes
import Hummingbird

/// How many requests with events a tenant, a key and an address may send a minute. 0: any number.
struct EventLimiter: Sendable {
    private let tenants: RateLimiter?
    private let keys: KeyedRateLimiter?
    private let addresses: KeyedRateLimiter?

    init(tenants: RateLimiter?, perKey: Int, perAddress: Int) {
        self.tenants = tenants
        keys = perKey > 0 ? KeyedRateLimiter(requestsPerMinute: perKey) : nil
        addresses = perAddress > 0 ? KeyedRateLimiter(requestsPerMinute: perAddress) : nil
    }

    /// - Throws: 429.
    func admit(_ scope: Scope, address: String?) throws {
        try admitSender(scope, address: address)
        if let tenants { try Self.check(tenants.admit(scope.principal.tenant), "tenant", tenants.requestsPerMinute) }
    }

    /// As `admit`, without the tenant's rate.
    ///
    /// The narrower bound is asked first: what an address may not send takes nothing from others who use the same key.
    /// - Throws: 429.
    func admitSender(_ scope: Scope, address: String?) throws {
        // A tenant's server sends for everybody from one address.
        if let addresses, let address, !scope.isServer {
            // One customer of an IPv6 network has more addresses than there are buckets.
            let name = "\(scope.principal.tenant.text) \(LoginAttempts.name(of: address))"
            try Self.check(addresses.admit(name), "address", addresses.requestsPerMinute)
        }
        if let keys { try Self.check(keys.admit(scope.principal.credentialID), "key", keys.requestsPerMinute) }
    }

    private static func check(_ decision: RateLimiter.Decision, _ policy: String, _ requestsPerMinute: Int) throws {
        guard !decision.isAdmitted else { return }
        var problem = Problem(
            EngineError(.rateLimited, "Too many requests with events were sent.", retryAfterSeconds: decision.resetSeconds))
        problem.headers[.rateLimitPolicy] = "\"\(policy)\";q=\(requestsPerMinute);w=\(RateLimiter.windowSeconds)"
        problem.headers[.rateLimit] = "\"\(policy)\";r=\(decision.remaining);t=\(decision.resetSeconds)"
        throw problem
    }
}
