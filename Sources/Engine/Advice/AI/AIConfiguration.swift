/// The AI provider and what it may cost.
package struct AIConfiguration: Sendable {
    package var provider: any AIProvider
    /// How long a request waits for the provider, over all tries together.
    package var deadlineMilliseconds: Int
    /// Calls in flight, for the process.
    package var callsMax: Int
    /// Tokens that a tenant may spend on one UTC day; 0: no limit.
    package var tokensPerTenantAndDay: Int

    package init(
        provider: any AIProvider, deadlineMilliseconds: Int = Limits.aiDeadlineMillisecondsDefault,
        callsMax: Int = Limits.aiCallsDefault, tokensPerTenantAndDay: Int = Limits.aiTokensPerTenantAndDayDefault
    ) {
        self.provider = provider
        self.deadlineMilliseconds = deadlineMilliseconds
        self.callsMax = callsMax
        self.tokensPerTenantAndDay = tokensPerTenantAndDay
    }
}
