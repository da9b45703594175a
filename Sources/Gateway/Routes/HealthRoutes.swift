import Engine
import Hummingbird
import NIOCore

/// For those who run the gateway.
///
/// | method | path | permission |
/// | --- | --- | --- |
/// | GET | `/livez` | none needed |
/// | GET | `/readyz` | none needed |
/// | GET | `/metrics` | none needed |
/// | GET | `/api/behavioral-ml/health` | none needed |
struct HealthRoutes {
    let engine: AttuneEngine
    let readiness: Readiness
    let metrics: MetricsRegistry

    private static let textHeaders: HTTPFields = [
        .contentType: "text/plain; version=0.0.4; charset=utf-8", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
    ]

    func add(to routes: some RouterMethods<GatewayContext>) {
        routes.get("livez", use: live)
        routes.get("readyz", use: ready)
        routes.get("metrics", use: exposition)
        routes.get("api/behavioral-ml/health", use: behaviorHealth)
    }

    private func live(_ request: Request, _ context: GatewayContext) -> Response {
        Self.status("live")
    }

    private func ready(_ request: Request, _ context: GatewayContext) async throws -> Response {
        guard readiness.state == .serving else {
            throw EngineError(.unavailable, "The gateway is starting or draining.", retryAfterSeconds: 1)
        }
        guard await engine.isReady() else {
            throw EngineError(.unavailable, "The store cannot commit.", retryAfterSeconds: 1)
        }
        return Self.status("ready")
    }

    private func behaviorHealth(_ request: Request, _ context: GatewayContext) -> Response {
        Self.status("healthy")
    }

    private func exposition(_ request: Request, _ context: GatewayContext) async -> Response {
        var text = MetricsText()
        EngineMetrics(figures: await engine.figures()).write(to: &text)
        metrics.write(to: &text)
        if let ai = engine.advice.aiMetrics { AIMetrics(counts: ai.counts, breaker: ai.breaker).write(to: &text) }
        return Response(status: .ok, headers: Self.textHeaders, body: ResponseBody(byteBuffer: ByteBuffer(string: text.text)))
    }

    private static func status(_ text: String) -> Response {
        .json { json in json.object { $0.member("status", text) } }
    }
}
