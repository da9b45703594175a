import Synchronization

/// How a tenant's AI is doing today.
package struct AISpending: Sendable {
    /// Tokens spent on the present UTC day, in both directions.
    package let tokens: UInt64
    /// Tokens that may be spent on one day; 0: no bound.
    package let tokensMax: Int
    /// Whether the provider is being asked: its circuit breaker is closed.
    package let isAsked: Bool
}

extension Advice {
    /// - Returns: nil where no AI provider is configured.
    package func spending(_ scope: Scope) async throws(EngineError) -> AISpending? {
        try scope.authorize(.readOverview)
        guard let advisor else { return nil }
        let day = TokenBudget.day(of: scope.now)
        let stored = try await scope.tenant.table.get(.aiBudget(day: day), as: AIBudgetRecord.self, now: scope.now)?.value.spentTokens
        let known = advisor.state.withLock { state in state.budgets[scope.tenant.number].flatMap { $0.day == day ? $0.spent : nil } }
        return AISpending(
            tokens: max(stored ?? 0, known ?? 0), tokensMax: advisor.configuration.tokensPerTenantAndDay,
            isAsked: advisor.breakerState == .closed)
    }
}
