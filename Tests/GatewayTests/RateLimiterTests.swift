import Engine
import Gateway
import Synchronization
import Testing

@Suite("RateLimiter")
struct RateLimiterTests {
    /// A clock that moves when told to.
    private final class TestClock: Sendable {
        private let present = Mutex(ContinuousClock.now)

        var now: ContinuousClock.Instant { present.withLock { $0 } }

        func advance(by duration: Duration) {
            present.withLock { $0 += duration }
        }
    }

    private let clock = TestClock()

    private func limiter(_ requests: Int, tenantsMax: Int = 10) -> RateLimiter {
        RateLimiter(requestsPerMinute: requests, tenantsMax: tenantsMax, now: { [clock] in clock.now })
    }

    private func tenant(_ name: String) throws -> TenantName { try #require(TenantName(name)) }

    @Test("admits a minute's worth at once and then one by one")
    func bucket() throws {
        let limiter = limiter(60)
        let acme = try tenant("acme")
        #expect((0..<60).allSatisfy { _ in limiter.admit(acme).isAdmitted })
        #expect(limiter.admit(acme) == RateLimiter.Decision(isAdmitted: false, remaining: 0, resetSeconds: 1))
        clock.advance(by: .seconds(1))
        #expect(limiter.admit(acme).isAdmitted)
        #expect(!limiter.admit(acme).isAdmitted)
        clock.advance(by: .seconds(600))
        #expect(limiter.admit(acme) == RateLimiter.Decision(isAdmitted: true, remaining: 59, resetSeconds: 1))
    }

    @Test("says how long to wait where requests are rare")
    func rare() throws {
        let limiter = limiter(2)
        let acme = try tenant("acme")
        _ = limiter.admit(acme)
        _ = limiter.admit(acme)
        #expect(limiter.admit(acme).resetSeconds == 30)
        clock.advance(by: .seconds(29))
        #expect(limiter.admit(acme) == RateLimiter.Decision(isAdmitted: false, remaining: 0, resetSeconds: 1))
    }

    @Test("takes nothing from other tenants")
    func fairness() throws {
        let limiter = limiter(10)
        let (noisy, quiet) = (try tenant("noisy"), try tenant("quiet"))
        for _ in 0..<1000 { _ = limiter.admit(noisy) }
        #expect(limiter.admit(quiet).remaining == 9)
    }

    @Test("keeps so many buckets, those that were longest not asked for given up first")
    func bound() throws {
        let limiter = limiter(60, tenantsMax: 2)
        let (spent, idle) = (try tenant("spent"), try tenant("idle"))
        _ = limiter.admit(idle)
        clock.advance(by: .seconds(2))
        for _ in 0..<60 { _ = limiter.admit(spent) }
        #expect(limiter.admit(try tenant("third")).remaining == 59)
        #expect(!limiter.admit(spent).isAdmitted)
    }
}
