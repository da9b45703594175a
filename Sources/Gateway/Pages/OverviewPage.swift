import Engine
import Hummingbird

/// How the tenant and its server are doing.
///
/// | method | path | permission |
/// | --- | --- | --- |
/// | GET | `/` | a session |
struct OverviewPage {
    private struct Model: Sendable {
        struct HealthRow: Sendable {
            let name: String
            let state: String?
            let stateText: String
            let text: String
        }

        let tenant: String
        let baseURL: String
        let users: String
        let hasUsers: Bool
        let active: String
        let activeNote: String
        let uses: String
        let dashboards: String
        let since: String
        let sampleNote: String?
        let featureNote: String
        let exampleUser: String
        let hours: HourChart?
        let features: BarChart?
        let sources: BarChart?
        let health: [HealthRow]
    }

    private static let featuresShown = 8

    let engine: AttuneEngine

    func add(to routes: some RouterMethods<OperatorContext>) {
        routes.get(use: overview)
    }

    private func overview(_ request: Request, _ context: OperatorContext) async throws -> Response {
        let scope = context.scope
        let overview = engine.overview
        let numbers = try overview.numbers(scope)
        let sample = try await overview.sample(scope)
        let titles = try await engine.profileViews.features(scope).reduce(into: [:]) { $0[$1.name] = $1.title }
        let isSample = sample.users < numbers.users
        let example = try await engine.users.page(scope, UserFilter(), cursor: nil, limit: 1).users.first?.id
        let model = Model(
            tenant: context.session.tenant, baseURL: engine.publicURL.text, users: PageText.number(numbers.users),
            hasUsers: numbers.users > 0,
            active: isSample ? PageText.percent(sample.activeInWeek, of: sample.users) : PageText.number(sample.activeInWeek),
            activeNote: isSample
                ? "in a sample of \(PageText.number(sample.users))" : "\(PageText.number(sample.activeInMonth)) in the last 30 days",
            uses: PageText.number(numbers.activity.uses), dashboards: PageText.number(numbers.activity.dashboardCount),
            since: PageText.date(overview.since, now: scope.now),
            sampleNote: isSample ? "sample of \(PageText.number(sample.users)) users" : nil,
            featureNote: "\(PageText.count(sample.uses, "use")) of \(PageText.count(sample.features.count, "feature"))"
                + (isSample ? " (sample of \(PageText.number(sample.users)) users)" : ""),
            exampleUser: example.map { PercentEncoding.component(bytes: $0.bytes) } ?? "ada",
            hours: HourChart(sample.usesByHour, label: "Feature uses by hour of the day"),
            features: BarChart(
                sample.features.prefix(Self.featuresShown).map { feature in
                    (
                        titles[feature.feature] ?? feature.feature, feature.uses,
                        "/profiles?feature=\(PercentEncoding.component(feature.feature))"
                    )
                }, label: "Most-used features", name: "Feature", value: "Uses"),
            sources: sources(numbers.activity),
            health: Self.rows(try await overview.health(scope)) + Self.rows(try await engine.advice.spending(scope)))
        return try PageLibrary.shared.page(
            "overview", model, in: PageFrame(title: "Overview", place: "/", session: context.session))
    }

    private func sources(_ activity: ActivityCounts) -> BarChart? {
        let names: [(Dashboard.Source, String)] = [(.ai, "AI"), (.cache, "AI, cached"), (.rules, "Rules")]
        return BarChart(
            names.map { (name: $0.1, count: activity.dashboards[$0.0] ?? 0, link: nil) },
            label: "Dashboards by source", name: "Source", value: "Dashboards")
    }

    private static func rows(_ health: Overview.Health) -> [Model.HealthRow] {
        let store = health.commitMilliseconds
        return [
            .init(
                name: "Store", state: store == nil ? "bad" : "good", stateText: store == nil ? "Failing" : "Working",
                text: store.map { $0 < 0.1 ? "write and read back in under 0.1 ms" : "write and read back in \(PageText.decimal($0)) ms" }
                    ?? "check the disk and its free space, then run attune doctor"),
            .init(
                name: "Key vault", state: health.isVaultOpen ? "good" : "bad", stateText: health.isVaultOpen ? "Open" : "Closed",
                text: "each user’s data is encrypted with its own key"),
            .init(name: "Uptime", state: nil, stateText: "", text: PageText.duration(seconds: health.uptimeSeconds)),
        ]
    }

    private static func rows(_ spending: AISpending?) -> [Model.HealthRow] {
        guard let spending else {
            return [.init(name: "AI", state: nil, stateText: "", text: "no provider configured; dashboards come from rules")]
        }
        let isSpent = spending.tokensMax > 0 && spending.tokens >= UInt64(spending.tokensMax)
        let spent = PageText.number(Int(clamping: spending.tokens))
        return [
            .init(
                name: "AI provider", state: spending.isAsked ? "good" : "bad",
                stateText: spending.isAsked ? "Active" : "Paused after errors",
                text: spending.isAsked
                    ? "for users who allow AI" : "dashboards come from rules until it recovers"),
            .init(
                name: "AI budget", state: isSpent ? "bad" : "good", stateText: isSpent ? "Used up" : "Available",
                text: spending.tokensMax > 0
                    ? "\(spent) of \(PageText.number(spending.tokensMax)) tokens today" : "\(spent) tokens today, no limit"),
        ]
    }
}
