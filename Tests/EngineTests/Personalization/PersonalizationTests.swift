import Engine
import Testing

/// Personalization over the real store.
@Suite struct PersonalizationTests {
    @Test func anUnseenUserHasAnEmptyProfileAndLeavesNoTrace() async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        let profile = try await fixture.profile(of: "u1", scope)
        #expect(profile.version == 0)
        #expect(profile.value.createdAt == nil)
        #expect(try await ListUserItems(tenant: "acme", user: "u1").perform(on: fixture.engine).isEmpty)
    }

    @Test func everyChangeIsThereAfterACrash() async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        let user = try fixture.user("u1", scope)
        let personalization = fixture.engine.personalization
        var versions: [UInt64] = []
        try await personalization.recordFeature(scope, user, feature: "plan", at: fixture.now.adding(seconds: -60))
        versions.append(try await fixture.profile(of: "u1", scope).version)
        try await personalization.recordContent(scope, user, contentType: "post", success: true)
        versions.append(try await fixture.profile(of: "u1", scope).version)
        versions.append(try await personalization.setTimeZone(scope, user, to: "Europe/Paris", if: nil).version)
        versions.append(try await personalization.setGoals(scope, user, shortTerm: ["sell"], longTerm: ["grow"], if: nil).version)
        versions.append(try await personalization.setProgress(scope, user, goal: "sell", progress: 0.5, if: nil).version)
        versions.append(try await personalization.setMarketFocus(scope, user, areas: ["condos"], if: nil).version)
        #expect(versions == versions.sorted() && Set(versions).count == versions.count)
        let killed = try await fixture.killed(as: "copy")
        let again = try killed.scope(try await killed.makeKey().key)
        let profile = try await killed.profile(of: "u1", again)
        #expect(profile.version == versions.last)
        #expect(profile.value.features.map(\.feature) == ["plan"])
        #expect(profile.value.content.map(\.successes) == [1])
        #expect(profile.value.timeZone == "Europe/Paris")
        #expect(profile.value.goalProgress.map(\.progress) == [0.5, 0])
        #expect(profile.value.marketFocus == ["condos"])
        #expect(try await killed.engine.personalization.frequentFeatures(again, killed.user("u1", again), limit: 5) == ["plan"])
        let items = try await ListUserItems(tenant: "acme", user: "u1").perform(on: killed.engine)
        #expect(items.map { "\($0.partition) \($0.sort) \($0.entityType)" } == ["USER#u1 PERSONALIZATION PersonalizationProfile"])
    }

    @Test func whatIsInvalidChangesNothing() async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        let user = try fixture.user("u1", scope)
        let personalization = fixture.engine.personalization
        #expect(await fixture.code { try await personalization.recordFeature(scope, user, feature: "", at: nil) } == .invalid)
        let future = fixture.now.adding(seconds: 301)
        #expect(await fixture.code { try await personalization.recordFeature(scope, user, feature: "a", at: future) } == .invalid)
        #expect(await fixture.code { _ = try await personalization.setTimeZone(scope, user, to: "Mars/One", if: nil) } == .invalid)
        #expect(await fixture.code { _ = try await personalization.setProgress(scope, user, goal: "x", progress: 2, if: nil) } == .invalid)
        #expect(await fixture.code { _ = try await personalization.setProgress(scope, user, goal: "x", progress: 1, if: nil) } == .notFound)
        #expect(await fixture.code { _ = try await personalization.frequentFeatures(scope, user, limit: 0) } == .invalid)
        #expect(try await fixture.profile(of: "u1", scope).version == 0)
    }

    @Test func aStaleVersionIsRefusedAndChangesNothing() async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        let user = try fixture.user("u1", scope)
        let personalization = fixture.engine.personalization
        func set(_ focus: String, _ condition: Precondition?) async throws -> UInt64 {
            try await personalization.setMarketFocus(scope, user, areas: [focus], if: condition).version
        }
        #expect(await fixture.code { _ = try await set("a", .exists) } == .preconditionFailed)
        #expect(await fixture.code { _ = try await set("a", .tags([])) } == .preconditionFailed)
        let first = try await set("a", .tags([scope.entityTag(0)]))
        let second = try await set("b", .tags([.init(number: 7), scope.entityTag(first)]))
        #expect(await fixture.code { _ = try await set("c", .tags([scope.entityTag(first)])) } == .preconditionFailed)
        let stale = Precondition.tags([scope.entityTag(first)])
        #expect(await fixture.code { try await personalization.reset(scope, user, if: stale) } == .preconditionFailed)
        #expect(try await fixture.profile(of: "u1", scope).value.marketFocus == ["b"])
        #expect(try await fixture.profile(of: "u1", scope).version == second)
    }

    @Test func aVersionDoesNotComeBackAfterAReset() async throws {
        var fixture = try await EngineFixture()
        var scope = try await fixture.tenantScope()
        var seen: Set<UInt64> = []
        for _ in 0..<4 {
            try await fixture.use("a", by: "u1", scope)
            let version = try await fixture.profile(of: "u1", scope).version
            let isNew = seen.insert(version).inserted
            #expect(isNew)
            try await fixture.engine.personalization.reset(scope, fixture.user("u1", scope), if: .tags([scope.entityTag(version)]))
            let empty = try await fixture.profile(of: "u1", scope)
            #expect(empty.version == 0)
            #expect(empty.value.features.isEmpty)
            fixture = try await fixture.reopened()
            scope = try fixture.scope(try await fixture.makeKey().key)
        }
        // Of one who has nothing, a reset is no change.
        try await fixture.engine.personalization.reset(scope, fixture.user("new", scope), if: nil)
        #expect(try await ListUserItems(tenant: "acme", user: "new").perform(on: fixture.engine).isEmpty)
    }

    @Test func noneOfManyConcurrentUsesIsLost() async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<500 { group.addTask { try await fixture.use("a", by: "u\(number % 2)", scope) } }
            try await group.waitForAll()
        }
        for id in ["u0", "u1"] { #expect(try await fixture.profile(of: id, scope).value.features.first?.count == 250) }
    }

    @Test func tenantsHaveUsersOfTheirOwn() async throws {
        let fixture = try await EngineFixture()
        let (scope, other) = (try await fixture.tenantScope(), try await fixture.tenantScope("other"))
        try await fixture.use("a", by: "u1", scope)
        #expect(try await fixture.profile(of: "u1", other).version == 0)
        try await fixture.engine.personalization.reset(other, fixture.user("u1", other), if: nil)
        #expect(try await fixture.profile(of: "u1", scope).version > 0)
    }

    /// What comes from outside stands in no file in clear: not in keys, not in items, not in the vault.
    @Test func nothingFromOutsideStandsInTheFilesInClear() async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope("tenant-in-clear")
        let user = try fixture.user("user-in-clear", scope)
        try await fixture.engine.personalization.recordFeature(scope, user, feature: "feature-in-clear", at: nil)
        _ = try await fixture.engine.personalization.setGoals(scope, user, shortTerm: ["goal-in-clear"], longTerm: [], if: nil)
        let key = try await CreateKey(tenant: "tenant-in-clear", kind: "secret", label: "label-in-clear", origins: []).perform(
            on: fixture.engine)
        let token = try await MintToken(tenant: "tenant-in-clear", user: "user-in-clear", scopes: [], ttlSeconds: nil)
            .perform(on: fixture.engine)
        try await fixture.engine.tokens.revoke(scope, token: token.token)
        let request = IdempotentRequest(key: "key-in-clear", method: "POST", path: "/path-in-clear", body: Array("body-in-clear".utf8))
        let success = KeptAnswer(status: 202, contentType: "text/plain", body: Array("answer-in-clear".utf8))
        guard case .proceed(let once) = try await fixture.engine.idempotency.begin(scope, about: user, request, success: success) else {
            Issue.record("was answered before")
            return
        }
        try await fixture.engine.personalization.recordFeature(once, user, feature: "a", at: nil)
        await fixture.engine.idempotency.finish(once, answer: success)
        await fixture.engine.close()
        let secret = String(key.key.dropFirst(15).prefix(22))
        for file in try Files.all(below: fixture.dataPath) {
            for text in ["in-clear", secret, token.jti] { #expect(try !Files.contains(file, text)) }
        }
    }
}
