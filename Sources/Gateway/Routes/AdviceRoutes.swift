import Engine
import Hummingbird

/// What a user might do next, by rules and, where there is one, by an AI provider.
///
/// | method | path under `/api/personalization/users/{userId}` | permission |
/// | --- | --- | --- |
/// | GET | `/dashboard` | readPersonalization |
/// | POST | `/suggestions` (changes nothing) | readPersonalization |
/// | GET | `/next-best-actions` | readPersonalization |
struct AdviceRoutes {
    private let advice: Advice
    private let overview: Overview

    init(_ engine: AttuneEngine) {
        advice = engine.advice
        overview = engine.overview
    }

    func add(to routes: some RouterMethods<TenantContext>) {
        routes.group("api/personalization/users/{userId}")
            .get("dashboard", use: dashboard)
            .post("suggestions", use: suggestions)
            .get("next-best-actions", use: nextBestActions)
    }

    private func dashboard(_ request: Request, _ context: TenantContext) async throws -> Response {
        let user = try context.user(.readPersonalization)
        let dashboard = try await advice.dashboard(context.scope, user)
        overview.countDashboard(context.scope, dashboard.source)
        return .json(capacityBytes: 4096) { dashboard.write(to: &$0, user: user) }
    }

    private func suggestions(_ request: Request, _ context: TenantContext) async throws -> Response {
        let user = try context.user(.readPersonalization)
        let content = try await request.content()
        var situation = SuggestionContext()
        if content.readableBytes > 0 {
            try request.requireJSON(content)
            situation = try JSONBody.decode(SuggestionsBody.self, from: content).context()
        }
        let suggestions = try await advice.suggestions(context.scope, user, context: situation)
        return .json(capacityBytes: 2048) { json in json.array(of: suggestions) { $1.write(to: &$0) } }
    }

    private func nextBestActions(_ request: Request, _ context: TenantContext) async throws -> Response {
        let user = try context.user(.readPersonalization)
        let actions = try await advice.nextBestActions(context.scope, user)
        return .json(capacityBytes: 2048) { json in json.array(of: actions) { $1.write(to: &$0) } }
    }
}
