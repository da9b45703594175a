import Engine
import Testing

@Suite struct IdempotencyTests {
    private let success = KeptAnswer(status: 202, contentType: "application/json", body: Array(#"{"status":"accepted"}"#.utf8))

    private func request(
        _ key: String = "k1", method: String = "POST", path: String = "/p", body: String = "body"
    ) -> IdempotentRequest {
        IdempotentRequest(key: key, method: method, path: path, body: Array(body.utf8))
    }

    /// Uses a feature once, as the gateway does. - Returns: whether it was a replay.
    private func use(_ fixture: EngineFixture, _ scope: Scope, by id: String = "u1", _ request: IdempotentRequest) async throws -> Bool {
        let user = try fixture.user(id, scope)
        switch try await fixture.engine.idempotency.begin(scope, about: user, request, success: success) {
        case .replay(let answer):
            #expect(answer == success)
            return true
        case .proceed(let scope):
            try await fixture.engine.personalization.recordFeature(scope, user, feature: "a", at: nil)
            await fixture.engine.idempotency.finish(scope, answer: success)
            return false
        }
    }

    private func uses(_ fixture: EngineFixture, _ scope: Scope, by id: String = "u1") async throws -> UInt64 {
        try await fixture.profile(of: id, scope).value.features.first?.count ?? 0
    }

    private func proceeds(_ fixture: EngineFixture, _ scope: Scope, about id: String? = "u1", _ request: IdempotentRequest) async throws
        -> Scope
    {
        let user = try id.map { try fixture.user($0, scope) }
        guard case .proceed(let once) = try await fixture.engine.idempotency.begin(scope, about: user, request, success: success) else {
            Issue.record("was answered before")
            return scope
        }
        return once
    }

    @Test func theSameRequestHasOneEffectAlsoAfterACrash() async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let key = try await fixture.makeKey().key
        #expect(try await !use(fixture, fixture.scope(key), request()))
        #expect(try await use(fixture, fixture.scope(key), request()))
        let killed = try await fixture.killed(as: "copy")
        #expect(try await use(killed, killed.scope(key), request()))
        #expect(try await uses(killed, killed.scope(key)) == 1)
    }

    @Test func anotherBodyIsRefused() async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        _ = try await use(fixture, scope, request())
        #expect(await fixture.code { _ = try await use(fixture, scope, request(body: "other")) } == .invalid)
        #expect(try await uses(fixture, scope) == 1)
    }

    @Test func oneStillRunningIsAConflictUntilItEnds() async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        let running = try await proceeds(fixture, scope, request())
        #expect(await fixture.code { _ = try await use(fixture, scope, request()) } == .conflict)
        #expect(try await !use(fixture, scope, request("k2")))
        await fixture.engine.idempotency.finish(running, answer: nil)
        #expect(try await !use(fixture, scope, request()))
    }

    @Test func manyAtOnceHaveOneEffect() async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        await withTaskGroup { group in
            for _ in 0..<40 { group.addTask { _ = try? await use(fixture, scope, request()) } }
        }
        #expect(try await uses(fixture, scope) == 1)
    }

    @Test func credentialMethodPathAndTenantMakeAnotherRequest() async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        let same = try fixture.scope(try await fixture.makeKey().key)
        let other = try await fixture.tenantScope("other")
        _ = try await use(fixture, scope, request())
        #expect(try await !use(fixture, same, request()))
        #expect(try await !use(fixture, other, request()))
        #expect(try await !use(fixture, scope, request(method: "PUT")))
        #expect(try await !use(fixture, scope, request(path: "/q")))
        // Parts do not run into each other.
        #expect(try await !use(fixture, scope, request("1", path: "/pk")))
    }

    @Test(arguments: [
        (403, true), (404, true), (412, true), (422, true), (401, false), (409, false), (429, false), (500, false), (503, false),
    ])
    func refusalsAreKept(status: Int, isKept: Bool) async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let key = try await fixture.makeKey().key
        let running = try await proceeds(fixture, fixture.scope(key), request())
        let refusal = KeptAnswer(status: status, contentType: "application/problem+json", body: [1, 2, 3])
        await fixture.engine.idempotency.finish(running, answer: refusal)
        let reopened = try await fixture.reopened()
        let scope = try reopened.scope(key)
        let outcome = try await reopened.engine.idempotency.begin(scope, about: reopened.user("u1", scope), request(), success: success)
        switch outcome {
        case .replay(let answer): #expect(isKept && answer == refusal)
        case .proceed: #expect(!isKept)
        }
        // A refusal brings no user into being.
        #expect(try await ListUserItems(tenant: "acme", user: "u1").perform(on: reopened.engine).isEmpty)
    }

    @Test func anEffectThatFailsKeepsNothing() async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        let user = try fixture.user("u1", scope)
        let running = try await proceeds(fixture, scope, request())
        #expect(
            await fixture.code {
                _ = try await fixture.engine.personalization.setProgress(running, user, goal: "none", progress: 1, if: nil)
            } == .notFound)
        await fixture.engine.idempotency.finish(running, answer: nil)
        #expect(try await ListUserItems(tenant: "acme", user: "u1").perform(on: fixture.engine).isEmpty)
        #expect(try await !use(fixture, scope, request()))
    }

    @Test func theAnswerLiesWithTheUserAndEndsAfterADay() async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        let key = try await fixture.makeKey().key
        _ = try await use(fixture, fixture.scope(key), request())
        func kept() async throws -> Int {
            try await ListUserItems(tenant: "acme", user: "u1").perform(on: fixture.engine).count { $0.entityType == "KeptAnswer" }
        }
        #expect(try await kept() == 1)
        fixture.advance(seconds: 86_399)
        #expect(try await use(fixture, fixture.scope(key), request()))
        fixture.advance(seconds: 1)
        await fixture.engine.tidy(logger: EngineFixture.logger)
        #expect(try await kept() == 0)
        #expect(try await !use(fixture, fixture.scope(key), request()))
    }

    @Test func aRevocationIsAnsweredOnce() async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        for (number, token) in [try await fixture.mint(), "no token"].enumerated() {
            let request = request("k\(number)", body: token)
            let once = try await proceeds(fixture, scope, about: nil, request)
            try await fixture.engine.tokens.revoke(once, token: token)
            await fixture.engine.idempotency.finish(once, answer: success)
            guard
                case .replay(let answer) = try await fixture.engine.idempotency.begin(
                    scope, about: nil, request, success: success)
            else {
                Issue.record("was not kept")
                return
            }
            #expect(answer == success)
        }
    }
}
