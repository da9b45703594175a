import Engine
import Testing

@Suite struct CircuitBreakerTests {
    private let start = ContinuousClock.now

    private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    private func opened(random: Double = 1) -> CircuitBreaker {
        var breaker = CircuitBreaker()
        for _ in 0..<CircuitBreaker.failuresInRowMax {
            #expect(breaker.admit(at: start) == .admitted)
            breaker.record(.failure, isProbe: false, at: start, random: random)
        }
        return breaker
    }

    @Test func opensAfterFailuresInARowAndLetsOneProbeThrough() {
        var breaker = opened()
        #expect(breaker.state(at: at(4.9)) == .open && breaker.admit(at: at(4.9)) == .refused)
        #expect(breaker.state(at: at(5)) == .halfOpen)
        #expect(breaker.admit(at: at(5)) == .probe)
        #expect(breaker.admit(at: at(5)) == .refused)
        breaker.record(.success, isProbe: true, at: at(6), random: 0)
        #expect(breaker.state(at: at(6)) == .closed && breaker.admit(at: at(6)) == .admitted)
    }

    @Test func aProbeThatNeverFliesLeavesTheNextOne() {
        var breaker = opened()
        #expect(breaker.admit(at: at(5)) == .probe)
        breaker.abandonProbe()
        #expect(breaker.admit(at: at(5)) == .probe)
    }

    @Test(arguments: [0.0, 0.5, 1.0])
    func theOpenTimeDoublesUpToFiveMinutes(random: Double) {
        var breaker = opened(random: random)
        var now = 0.0
        for round in 0..<10 {
            let full = min(CircuitBreaker.openSecondsMax, CircuitBreaker.openSecondsMin * Double(1 << round))
            let expected = full * (0.5 + 0.5 * random)
            #expect(breaker.state(at: at(now + expected - 0.01)) == .open)
            now += expected + 0.01
            #expect(breaker.admit(at: at(now)) == .probe)
            breaker.record(.failure, isProbe: true, at: at(now), random: random)
        }
    }

    @Test func opensAboveARateOfFailures() {
        var breaker = CircuitBreaker()
        for round in 0..<40 where breaker.state(at: start) == .closed {
            breaker.record(round % 2 == 0 ? .failure : .success, isProbe: false, at: start, random: 0)
        }
        #expect(breaker.state(at: start) == .open)
        var healthy = CircuitBreaker()
        for round in 0..<200 { healthy.record(round % 3 == 0 ? .failure : .success, isProbe: false, at: start, random: 0) }
        #expect(healthy.state(at: start) == .closed)
    }

    @Test func badCredentialsOpenItForLong() {
        var breaker = CircuitBreaker()
        breaker.record(.forbidden, isProbe: false, at: start, random: 0)
        #expect(breaker.state(at: at(599)) == .open && breaker.state(at: at(600)) == .halfOpen)
    }

    @Test func aLongRetryAfterIsObeyedAndAShortOneIsAFailure() {
        var breaker = CircuitBreaker()
        breaker.record(.throttled(retryAfter: .seconds(45)), isProbe: false, at: start, random: 0)
        #expect(breaker.state(at: at(44)) == .open && breaker.state(at: at(45)) == .halfOpen)
        var other = CircuitBreaker()
        other.record(.throttled(retryAfter: .seconds(1)), isProbe: false, at: start, random: 0)
        #expect(other.state(at: start) == .closed)
        for _ in 0..<4 { other.record(.throttled(retryAfter: nil), isProbe: false, at: start, random: 0) }
        #expect(other.state(at: start) == .open)
    }

    @Test func uselessAnswersSayNothingOfTheNext() {
        var breaker = CircuitBreaker()
        for _ in 0..<100 { breaker.record(.useless, isProbe: false, at: start, random: 0) }
        #expect(breaker.state(at: start) == .closed)
        var probed = opened()
        _ = probed.admit(at: at(5))
        probed.record(.useless, isProbe: true, at: at(5), random: 0)
        #expect(probed.state(at: at(5)) == .closed)
    }

    @Test func howOldCallsEndMeansNothingWhileItIsOpen() {
        var breaker = opened()
        let before = breaker
        for outcome in [CircuitBreaker.Outcome.success, .failure, .forbidden] {
            breaker.record(outcome, isProbe: false, at: at(1), random: 0)
        }
        #expect(breaker == before)
    }
}

@Suite struct RetryPlanTests {
    private let start = ContinuousClock.now

    @Test(arguments: AIFailure.Reason.allCases)
    func onlyWhatMayPassIsTriedAgain(reason: AIFailure.Reason) {
        var plan = RetryPlan(start: start, milliseconds: 2500)
        _ = plan.begin(at: start)
        let step = plan.step(after: AIFailure(reason), at: start, random: 0.5)
        let isRetried = reason == .unavailable || reason == .throttled
        #expect(step == (isRetried ? .retry(after: .milliseconds(50)) : .giveUp))
    }

    @Test func waitsDoubleAndTriesEnd() {
        var plan = RetryPlan(start: start, milliseconds: 60_000)
        for tries in 1..<RetryPlan.triesMax {
            #expect(plan.begin(at: start) == .milliseconds(60_000 + Limits.aiLateMillisecondsMax))
            #expect(plan.tries == tries)
            #expect(plan.step(after: AIFailure(.unavailable), at: start, random: 0.999) > .milliseconds(99 << (tries - 1)))
        }
        _ = plan.begin(at: start)
        #expect(plan.step(after: AIFailure(.unavailable), at: start, random: 0) == .giveUp)
    }

    @Test func nothingIsTriedBeyondTheDeadline() {
        var plan = RetryPlan(start: start, milliseconds: 2500)
        _ = plan.begin(at: start)
        let late = start + .milliseconds(2500 - RetryPlan.tryMillisecondsMin + 1)
        #expect(plan.step(after: AIFailure(.unavailable), at: late, random: 0) == .giveUp)
        #expect(plan.step(after: AIFailure(.throttled, retryAfter: .seconds(2)), at: start, random: 0) == .retry(after: .seconds(2)))
        #expect(plan.step(after: AIFailure(.throttled, retryAfter: .seconds(3)), at: start, random: 0) == .giveUp)
    }
}

extension RetryPlan.Step {
    fileprivate static func > (step: Self, time: Duration) -> Bool {
        if case .retry(let after) = step { after > time } else { false }
    }
}

@Suite struct TokenBudgetTests {
    @Test func whatIsReservedIsNotSpentTwice() {
        var budget = TokenBudget(day: 1, spent: 100)
        #expect(budget.reserve(500, limit: 1000) && !budget.reserve(401, limit: 1000) && budget.reserve(400, limit: 1000))
        #expect(budget.isExhausted(limit: 1000) && !budget.isExhausted(limit: 0))
        budget.settle(500, used: 50, stored: 150)
        #expect(budget.spent == 150 && budget.reserve(450, limit: 1000) && !budget.reserve(1, limit: 1000))
        budget.settle(450, used: 10, stored: nil)
        #expect(budget.spent == 160)
        budget.settle(400, used: 0, stored: 900)
        #expect(budget.spent == 900 && budget.reserve(1_000_000, limit: 0))
    }

    @Test func daysAreThoseOfUTC() {
        #expect(TokenBudget.day(of: Timestamp(seconds: 86_399)) == 0 && TokenBudget.day(of: Timestamp(seconds: 86_400)) == 1)
    }
}
