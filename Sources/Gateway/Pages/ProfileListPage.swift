import Engine
import Hummingbird

/// The tenant's users: search, filters and pages, all in the URL.
///
/// | method | path | permission |
/// | --- | --- | --- |
/// | GET | `/profiles?q=&feature=&marketFocus=&activeDays=&limit=&cursor=` | a session |
struct ProfileListPage {
    private struct Option: Sendable {
        let value: String
        let text: String
        let isSelected: Bool
    }

    private struct Row: Sendable {
        let id: String
        /// nil for an id that browsers cannot have in a path.
        let profileLink: String?
        let uses: String
        let topFeature: String
        let goals: String
        let areas: String
        let changed: PageMoment?
    }

    private struct Model: Sendable {
        let total: String
        let isOne: Bool
        let q: String
        let baseURL: String
        let isFiltered: Bool
        let featureOptions: [Option]
        let activeOptions: [Option]
        let rows: [Row]
        let hasRows: Bool
        let hasMore: Bool
        let damagedNote: String?
        let pageNote: String
        let firstLink: String?
        let nextLink: String?
        let nextText: String
    }

    private static let activeDays = [
        (0, "Any time"), (1, "Within a day"), (7, "Within a week"), (30, "Within 30 days"), (90, "Within 90 days"),
    ]

    let engine: AttuneEngine

    func add(to routes: some RouterMethods<OperatorContext>) {
        routes.get("profiles", use: list)
    }

    private func list(_ request: Request, _ context: OperatorContext) async throws -> Response {
        let scope = context.scope
        let parameters = QueryParameters(request.uri.query)
        let filter = try Self.filter(parameters)
        let limit = try parameters.integer("limit", default: GatewayLimits.usersPerPageDefault, in: 1...Limits.usersPerPageMax)
        let cursor = try parameters.text("cursor").flatMap { $0.isEmpty ? nil : $0 }
        let page = try await engine.users.page(scope, filter, cursor: cursor, limit: limit)
        let features = try await engine.profileViews.features(scope)
        let titles = features.reduce(into: [:]) { $0[$1.name] = $1.title }
        let total = try engine.users.count(scope)
        let model = Model(
            total: PageText.number(total), isOne: total == 1, q: filter.text, baseURL: engine.publicURL.text, isFiltered: filter.isSet,
            featureOptions: Self.options(features, filter),
            activeOptions: Self.activeDays.map { days, text in
                Option(value: days == 0 ? "" : String(days), text: text, isSelected: days == filter.activeDays ?? 0)
            },
            rows: page.users.map { Self.row($0, titles, now: scope.now) }, hasRows: !page.users.isEmpty, hasMore: page.nextCursor != nil,
            damagedNote: page.damaged > 0
                ? "\(PageText.count(page.damaged, "user")) not shown because a stored record is damaged. Run attune doctor." : nil,
            pageNote: page.users.isEmpty ? "" : PageText.count(page.users.count, "user") + " on this page",
            firstLink: cursor == nil ? nil : Self.link(filter, limit: limit, cursor: nil),
            nextLink: page.nextCursor.map { Self.link(filter, limit: limit, cursor: $0) },
            nextText: page.users.count < limit ? "Keep searching" : "Next page")
        return try PageLibrary.shared.page(
            "profiles", model, in: PageFrame(title: "Profiles", place: "/profiles", session: context.session))
    }

    private static func filter(_ parameters: QueryParameters) throws(EngineError) -> UserFilter {
        var filter = UserFilter()
        filter.text = try parameters.text("q") ?? ""
        filter.feature = try parameters.text("feature").flatMap { $0.isEmpty ? nil : $0 }
        filter.marketFocus = try parameters.text("marketFocus").flatMap { $0.isEmpty ? nil : $0 }
        if try parameters.text("activeDays") ?? "" != "" {
            filter.activeDays = try parameters.integer("activeDays", default: 0, in: 1...Limits.eventAgeDaysMax)
        }
        return filter
    }

    private static func options(_ features: [Playbook.Feature], _ filter: UserFilter) -> [Option] {
        var options = features.map { feature in
            Option(value: feature.name, text: feature.title, isSelected: filter.feature?.hasSameBytes(as: feature.name) ?? false)
        }
        // One that the playbook does not have can be asked for in the URL.
        if let asked = filter.feature, !options.contains(where: \.isSelected) {
            options.append(Option(value: asked, text: asked, isSelected: true))
        }
        return options
    }

    private static func link(_ filter: UserFilter, limit: Int, cursor: String?) -> String {
        var parameters: [(String, String?)] = [("q", filter.text), ("feature", filter.feature), ("marketFocus", filter.marketFocus)]
        parameters.append(("activeDays", filter.activeDays.map(String.init)))
        parameters.append(("limit", limit == GatewayLimits.usersPerPageDefault ? nil : String(limit)))
        parameters.append(("cursor", cursor))
        let pairs = parameters.compactMap { name, value in
            value.flatMap { $0.isEmpty ? nil : "\(name)=\(PercentEncoding.component($0))" }
        }
        return pairs.isEmpty ? "/profiles" : "/profiles?\(pairs.joined(separator: "&"))"
    }

    private static func row(_ user: ListedUser, _ titles: [String: String], now: Timestamp) -> Row {
        let profile = user.profile
        let top = profile.frequentFeatures(limit: 1).first
        return Row(
            id: user.id.text, profileLink: ProfilePage.link(user.id),
            uses: PageText.number(profile.features.reduce(0) { $0 + $1.count }), topFeature: top.map { titles[$0] ?? $0 } ?? "",
            goals: PageText.number(profile.goalProgress.count), areas: profile.marketFocus.joined(separator: ", "),
            changed: profile.updatedAt.map { PageMoment($0, now: now) })
    }
}

extension UserFilter {
    fileprivate var isSet: Bool { !text.isEmpty || feature != nil || marketFocus != nil || activeDays != nil }
}
