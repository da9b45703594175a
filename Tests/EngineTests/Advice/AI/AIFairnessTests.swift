import Engine
import Testing

/// What one user or one tenant may take of the AI provider, and what is not asked twice.
@Suite struct AIFairnessTests {
    /// Moments that differ, as many as asked for.
    private func moments(_ count: Int) -> [SuggestionContext] {
        (0..<count).map { number in
            var context = SuggestionContext()
            context.timeOfDay = ["morning", "afternoon", "evening", "night"][number % 4]
            context.profileCompletion = Double(number / 4 * 10)
            return context
        }
    }

    // MARK: A user's share

    @Test func noUserSpendsTheTenantsDay() async throws {
        let world = try await AdviceWorld()
        let share = Limits.aiCallsPerUserAndDay
        for (number, moment) in moments(share + 6).enumerated() {
            let isByAI = try await world.suggestions(moment).map(\.source) == [.ai]
            #expect(isByAI == (number < share))
        }
        #expect(world.provider.requests.count == share)
        // Dashboards have a share of their own.
        #expect(try await world.dashboard().source == .ai)
        world.fixture.advance(seconds: 86_400)
        let tomorrow = try world.fixture.scope(try await world.fixture.makeKey().key)
        let next = try await world.fixture.engine.advice.suggestions(
            tomorrow, world.fixture.user("u1", tomorrow), context: moments(share + 9)[share + 8])
        #expect(next.map(\.source) == [.ai])
    }

    @Test func aResetGivesNoNewShare() async throws {
        let world = try await AdviceWorld()
        let all = moments(Limits.aiCallsPerUserAndDay + 1)
        for moment in all.dropLast() { _ = try await world.suggestions(moment) }
        try await world.fixture.engine.personalization.reset(world.scope, world.fixture.user("u1", world.scope), if: nil)
        _ = try await world.suggestions(all[all.count - 1])
        #expect(world.provider.requests.count == Limits.aiCallsPerUserAndDay)
    }

    // MARK: Normal use

    @Test func useThatChangesLittleMakesNoCall() async throws {
        let world = try await AdviceWorld()
        let features = Playbook.standard.features.prefix(2).map(\.name)
        let contentType = Playbook.standard.contentTypes[0].name
        let user = try world.fixture.user("u1", world.scope)
        _ = try await world.dashboard()
        for number in 0..<40 {
            try await world.fixture.use(features[number / 3 % 2], by: "u1", world.scope)
            try await world.fixture.engine.personalization.recordContent(world.scope, user, contentType: contentType, success: true)
            #expect(try await world.dashboard().source == .cache)
            try await Task.sleep(for: .milliseconds(10))
        }
        // Two features up to 20 uses and a content type up to 40: each doubling counts, and no more.
        #expect(world.provider.requests.count <= 18)
        let before = world.provider.requests.count
        try await world.setGoals(["a goal"])
        try await world.wait {
            _ = try await world.dashboard()
            return world.provider.requests.count == before + 1
        }
    }

    // MARK: A tenant's share

    @Test(arguments: [(4, 3), (5, 3), (1, 1)])
    func noTenantTakesAllPlaces(places: Int, share: Int) async throws {
        let gate = Gate()
        let world = try await AdviceWorld(
            StubProvider(StubProvider.right("AI", through: gate)), deadlineMilliseconds: 60_000, callsMax: places)
        _ = try await CreateTenant(name: "other", isConsentOptIn: false, grants: ["ai"]).perform(on: world.fixture.engine)
        let other = try world.fixture.scope(try await world.fixture.makeKey("other").key)
        let reasons = try await withThrowingTaskGroup(of: FallbackReason?.self) { group in
            for number in 0..<8 { group.addTask { try await world.dashboard("u\(number)").fallbackReason } }
            try await world.wait { world.provider.requests.count == share }
            if places > 1 {
                group.addTask { try await world.fixture.engine.advice.dashboard(other, world.fixture.user("u1", other)).fallbackReason }
                try await world.wait { world.provider.requests.count == share + 1 }
            }
            gate.open()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(reasons.count { $0 == .busy } == 8 - share)
        #expect(reasons.count { $0 == nil } == share + (places > 1 ? 1 : 0))
    }

    // MARK: Invalid answers

    @Test(arguments: [true, false])
    func whatWasAnsweredUselesslyIsNotAskedAgainForAWhile(isCutOff: Bool) async throws {
        let useless = isCutOff ? StubProvider.fail(.invalidAnswer) : StubProvider.saying("{}")
        let world = try await AdviceWorld(StubProvider(useless))
        try await world.setGoals(["one goal"])
        for _ in 0..<5 { #expect(try await world.dashboard().fallbackReason == .invalidAnswer) }
        for _ in 0..<5 { #expect(try await world.suggestions().allSatisfy { $0.source == .rules }) }
        // Once is chance, twice is not.
        #expect(world.provider.requests.count == 4)
        world.provider.behave(StubProvider.right())
        #expect(try await world.dashboard().fallbackReason == .invalidAnswer)
        // Another question is another matter.
        #expect(try await world.dashboard("u2").source == .ai)
        world.fixture.advance(seconds: Limits.aiFailedSecondsMin * 2)
        let later = try world.fixture.scope(try await world.fixture.makeKey().key)
        #expect(try await world.fixture.engine.advice.dashboard(later, world.fixture.user("u1", later)).source == .ai)
    }

    @Test func anotherQuestionOfTheSameUserIsAsked() async throws {
        let world = try await AdviceWorld(StubProvider(StubProvider.saying("{}")))
        try await world.setGoals(["one goal"])
        #expect(try await world.dashboard().fallbackReason == .invalidAnswer)
        world.provider.behave(StubProvider.right())
        try await world.setGoals(["another goal"])
        #expect(try await world.dashboard().source == .ai)
    }
}
