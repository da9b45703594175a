import Engine
import NIOCore

/// The AI provider's meters in Prometheus text format: they are counted in the engine, which knows no metrics backend.
struct AIMetrics {
    let counts: AIMeters.Counts
    let breaker: String

    func write(to buffer: inout ByteBuffer) {
        var text = "# TYPE attune_ai_breaker_state gauge\n"
        for state in Advice.breakerStates { text += "attune_ai_breaker_state{state=\"\(state)\"} \(state == breaker ? 1 : 0)\n" }
        text += "# TYPE attune_ai_calls_total counter\n"
        for outcome in AIMeters.Outcome.allCases {
            text += "attune_ai_calls_total{outcome=\"\(outcome.rawValue)\"} \(counts.calls[outcome] ?? 0)\n"
        }
        text += "# TYPE attune_ai_tokens_total counter\n"
        text += "attune_ai_tokens_total{direction=\"input\"} \(counts.inputTokens)\n"
        text += "attune_ai_tokens_total{direction=\"output\"} \(counts.outputTokens)\n"
        text += "# TYPE attune_dashboards_total counter\n"
        let dashboards = counts.dashboards.map { written, count in
            "attune_dashboards_total{source=\"\(written.source.rawValue)\",reason=\"\(written.reason?.rawValue ?? "none")\"} \(count)\n"
        }
        text += dashboards.sorted().joined()
        buffer.writeString(text)
    }
}
