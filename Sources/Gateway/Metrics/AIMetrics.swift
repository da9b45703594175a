import Engine

/// The AI provider's meters in Prometheus text format.
struct AIMetrics {
    let counts: AIMeters.Counts
    let breaker: String

    func write(to text: inout MetricsText) {
        text.family(
            "attune_ai_breaker_state", .gauge, "1 for the state that the circuit breaker is in.",
            Advice.breakerStates.map { .init($0 == breaker ? 1 : 0, labels: ["state": $0]) })
        text.family(
            "attune_ai_calls_total", .counter, "Calls of the AI provider, by outcome.",
            AIMeters.Outcome.allCases.map { .init(counts.calls[$0] ?? 0, labels: ["outcome": $0.rawValue]) })
        text.family(
            "attune_ai_tokens_total", .counter, "Tokens sent to the AI provider and received from it.",
            [.init(counts.inputTokens, labels: ["direction": "input"]), .init(counts.outputTokens, labels: ["direction": "output"])])
        let dashboards = counts.dashboards.map { written, count in
            (source: written.source.rawValue, reason: written.reason?.rawValue ?? "none", count: count)
        }
        text.family(
            "attune_dashboards_total", .counter, "Dashboards, by who wrote them and why AI did not.",
            dashboards.sorted { ($0.source, $0.reason) < ($1.source, $1.reason) }.map {
                .init($0.count, labels: ["source": $0.source, "reason": $0.reason])
            })
    }
}
