import Engine
import Testing

/// Answers on their way when the user's personalization is reset.
@Suite struct AIWithdrawalTests {
    /// A question is on its way while the profile is reset.
    private func resetMeanwhile(goals: [String], goalsAfterwards: [String]) async throws -> (AdviceWorld, Dashboard) {
        let gate = Gate()
        let world = try await AdviceWorld(StubProvider(StubProvider.right("Late", through: gate)), deadlineMilliseconds: 20_000)
        let user = try world.fixture.user("u1", world.scope)
        if !goals.isEmpty { try await world.setGoals(goals) }
        async let asked = world.dashboard()
        try await world.wait { world.provider.requests.count == 1 }
        try await world.fixture.engine.personalization.reset(world.scope, user, if: nil)
        if !goalsAfterwards.isEmpty { try await world.setGoals(goalsAfterwards) }
        gate.open()
        return (world, try await asked)
    }

    /// Of a user never seen before, too, and of one who begins anew within the same millisecond.
    @Test(arguments: [([], []), (["a goal"], []), (["a goal"], ["another"]), (["a goal"], ["a goal"]), ([], ["a goal"])])
    func whatIsResetMeanwhileIsNeitherKeptNorShown(goals: [String], goalsAfterwards: [String]) async throws {
        let (world, dashboard) = try await resetMeanwhile(goals: goals, goalsAfterwards: goalsAfterwards)
        #expect(dashboard.source == .rules)
        #expect(try await world.sorts() == (goalsAfterwards.isEmpty ? [] : ["PERSONALIZATION"]))
        world.provider.behave(StubProvider.right("Newer"))
        let next = try await world.dashboard()
        #expect(next.source == .ai && next.priorityActions[0].title == "Newer title")
    }

    @Test func whatItCostCountsAllTheSame() async throws {
        let (world, _) = try await resetMeanwhile(goals: ["a goal"], goalsAfterwards: [])
        let spending = try await world.fixture.engine.advice.spending(world.scope)
        #expect(spending?.tokens == 150)
    }
}
