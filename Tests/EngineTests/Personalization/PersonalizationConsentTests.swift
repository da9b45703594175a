import Engine
import Testing

@Suite struct PersonalizationConsentTests {
    @Test func nothingIsLearnedOrConcludedWithoutThePurpose() async throws {
        let privacy = try await PrivacyFixture()
        let (engine, scope, user) = (privacy.engine, privacy.scope, try privacy.user("u1", .writePersonalization))
        try await privacy.fixture.use("brand-audit", by: "u1", scope)
        let stranger = try await engine.advice.dashboard(scope, privacy.user("stranger", .readPersonalization))
        #expect(stranger.isPersonalized)
        let refusal = ConsentChange(decisions: [.personalization: false], source: "settings")
        _ = try await engine.consents.decide(scope, user, refusal)
        let before = try await engine.personalization.profile(scope, user)

        #expect(await privacy.fixture.code { try await privacy.fixture.use("f", by: "u1", scope) } == .forbidden)
        #expect(
            await privacy.fixture.code {
                try await engine.personalization.recordContent(scope, user, contentType: "blog-post", success: true)
            } == .forbidden)
        #expect(
            await privacy.fixture.code {
                _ = try await engine.personalization.setGoals(scope, user, shortTerm: ["g"], longTerm: [], if: nil)
            } == .forbidden)
        #expect(try await engine.personalization.profile(scope, user).version == before.version)

        let dashboard = try await engine.advice.dashboard(scope, user)
        #expect(!dashboard.isPersonalized)
        #expect(dashboard.priorityActions == stranger.priorityActions)
        #expect(dashboard.nextBestActions == stranger.nextBestActions)
        let suggestions = try await engine.advice.suggestions(scope, user, context: SuggestionContext())
        #expect(!suggestions.isEmpty && suggestions.allSatisfy { !$0.isPersonalized && $0.link != nil })
    }
}
