import Engine
import Testing

/// A tenant that grants `ai`, with a provider that does what the test says.
struct AdviceWorld {
    let provider: StubProvider
    let fixture: EngineFixture
    let scope: Scope
    let configuration: AIConfiguration

    init(
        _ provider: StubProvider = StubProvider(), deadlineMilliseconds: Int = 2000, callsMax: Int = 16, tokens: Int = 0,
        grants: [String] = ["ai"]
    ) async throws {
        self.provider = provider
        configuration = AIConfiguration(
            provider: provider, deadlineMilliseconds: deadlineMilliseconds, callsMax: callsMax, tokensPerTenantAndDay: tokens)
        fixture = try await EngineFixture(ai: configuration)
        _ = try await CreateTenant(name: "acme", isConsentOptIn: false, grants: grants).perform(on: fixture.engine)
        scope = try fixture.scope(try await fixture.makeKey().key)
    }

    func dashboard(_ id: String = "u1") async throws -> Dashboard {
        try await fixture.engine.advice.dashboard(scope, fixture.user(id, scope))
    }

    func suggestions(_ context: SuggestionContext = SuggestionContext(), _ id: String = "u1") async throws -> [Suggestion] {
        try await fixture.engine.advice.suggestions(scope, fixture.user(id, scope), context: context)
    }

    func setGoals(_ goals: [String], _ id: String = "u1") async throws {
        let user = try fixture.user(id, scope)
        _ = try await fixture.engine.personalization.setGoals(scope, user, shortTerm: goals, longTerm: [], if: nil)
    }

    func allow(_ isGranted: Bool) async throws {
        let change = ConsentChange(decisions: [.ai: isGranted], source: "test")
        _ = try await fixture.engine.consents.decide(scope, fixture.user("u1", scope), change)
    }

    func sorts() async throws -> [String] {
        try await ListUserItems(tenant: "acme", user: "u1").perform(on: fixture.engine).map(\.sort)
    }

    /// Until the condition holds; 5 s at most.
    func wait(_ condition: () async throws -> Bool) async throws {
        for _ in 0..<250 {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("did not happen")
    }
}
