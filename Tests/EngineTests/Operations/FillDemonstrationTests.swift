import Engine
import Testing

@Suite("FillDemonstration")
struct FillDemonstrationTests {
    private func fill(_ fixture: EngineFixture, seed: UInt64 = 1, first: Int = 1, count: Int = 40) async throws -> FillDemonstration.Answer
    {
        try await FillDemonstration(tenant: "acme", seed: seed, first: first, count: count).perform(on: fixture.engine)
    }

    @Test("makes users with weeks behind them, once")
    func users() async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        let made = try await fill(fixture)
        #expect(made.users == 40 && made.known == 0 && made.uses > 200)
        let again = try await fill(fixture)
        #expect(again.users == 0 && again.known == 40)
        let page = try await fixture.engine.users.page(scope, UserFilter(), cursor: nil, limit: 100)
        #expect(page.users.count == 40 && fixture.engine.publicURL.text.isEmpty == false)
        #expect(page.users.contains { $0.id.text == "agent-0001" })
        let profiles = page.users.map(\.profile)
        #expect(profiles.contains { !$0.goalProgress.isEmpty } && profiles.contains { !$0.content.isEmpty })
        #expect(profiles.contains { !$0.workflow.commonSequences(at: fixture.now).isEmpty })
        #expect(Set(profiles.map(\.timeZone)).count > 3)
        for profile in profiles {
            let created = try #require(profile.createdAt)
            #expect(fixture.now.days(since: created) <= 61 && (profile.updatedAt ?? created) <= fixture.now)
            #expect(profile.features.allSatisfy { $0.firstUsedAt <= $0.lastUsedAt && $0.lastUsedAt <= fixture.now })
        }
        let sample = try await fixture.engine.overview.sample(scope)
        #expect(sample.users == 40 && sample.uses == UInt64(made.uses))
        await fixture.engine.close()
    }

    @Test("makes the same users of the same seed, others of another")
    func seeds() async throws {
        var profiles: [PersonalizationProfile] = []
        for seed in [7, 7, 8] as [UInt64] {
            let fixture = try await EngineFixture()
            let scope = try await fixture.tenantScope()
            _ = try await fill(fixture, seed: seed, count: 1)
            profiles.append(try await fixture.profile(of: "agent-0001", scope).value)
            await fixture.engine.close()
        }
        #expect(profiles[0] == profiles[1] && profiles[0] != profiles[2])
    }

    @Test("names features and types of content that the built-in playbook has")
    func names() async throws {
        let fixture = try await EngineFixture()
        let scope = try await fixture.tenantScope()
        _ = try await fill(fixture, count: 50)
        let features = Set(Playbook.standard.features.map(\.name))
        let contentTypes = Set(Playbook.standard.contentTypes.map(\.name))
        for user in try await fixture.engine.users.page(scope, UserFilter(), cursor: nil, limit: 100).users {
            #expect(features.isSuperset(of: user.profile.features.map(\.feature)))
            #expect(contentTypes.isSuperset(of: user.profile.content.map(\.contentType)))
        }
        await fixture.engine.close()
    }

    @Test("is bounded", arguments: [(0, 1), (1, 0), (1, 51), (5000, 2)])
    func bounds(_ first: Int, _ count: Int) async throws {
        let fixture = try await EngineFixture()
        try await fixture.makeTenant()
        #expect(await fixture.code { _ = try await fill(fixture, first: first, count: count) } == .invalid)
        await fixture.engine.close()
    }
}
