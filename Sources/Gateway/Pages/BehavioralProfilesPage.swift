import Engine
import HTTPTypes
import Hummingbird

/// Behavioral profiles with what to do about each user, and a form that makes one.
///
/// | method | path | permission |
/// | --- | --- | --- |
/// | GET | `/api/ui-dashboard/behavioral-profiling-dashboard-ui?engagement_level=&skip=&limit=&after_id=` | a session |
/// | POST | `/api/ui-dashboard/behavioral-profiling-dashboard-ui` | a session |
struct BehavioralProfilesPage {
    static let path = "/api/ui-dashboard/behavioral-profiling-dashboard-ui"

    private struct Query {
        let level: EngagementLevel?
        let after: Int64
        let skip: Int
        let limit: Int
        /// The profile that was made just now.
        let created: Int64?

        init(_ parameters: QueryParameters) throws(EngineError) {
            let ids = 0...Int(Limits.behavioralProfileIDMax)
            level = try parameters.text("engagement_level").flatMap { text throws(EngineError) in
                text.isEmpty ? nil : try EngagementLevel(wire: text, pointer: "/engagement_level")
            }
            after = Int64(try parameters.integer("after_id", default: 0, in: ids))
            skip = try parameters.integer("skip", default: 0, in: 0...1_000_000_000)
            limit = try parameters.integer(
                "limit", default: GatewayLimits.behavioralProfilesPerPageDefault, in: 1...GatewayLimits.behavioralProfilesPerPageMax)
            created = Int64(try parameters.integer("created", default: 0, in: ids)).nonZero
        }
    }

    private let engine: AttuneEngine
    private var profiles: BehavioralProfiles { engine.behavioralProfiles }

    init(engine: AttuneEngine) {
        self.engine = engine
    }

    func add(to routes: some RouterMethods<OperatorContext>) {
        routes.get("\(Self.path)", use: list)
        routes.post("\(Self.path)", use: create)
    }

    private func list(_ request: Request, _ context: OperatorContext) async throws -> Response {
        try await page(context, Query(QueryParameters(request.uri.query)), BehavioralProfileForm(), status: .ok)
    }

    private func create(_ request: Request, _ context: OperatorContext) async throws -> Response {
        var form = try BehavioralProfileForm(try await PageForm(request, of: context.session))
        do {
            let (user, change) = try form.read()
            let made = try await profiles.create(context.scope, user: user, change)
            return .seeOther("\(Self.path)?created=\(made.id)")
        } catch {
            guard let status = form.take(error) else { throw error }
            return try await page(context, Query(QueryParameters(nil)), form, status: status)
        }
    }

    private func page(
        _ context: OperatorContext, _ query: Query, _ form: BehavioralProfileForm, status: HTTPResponse.Status
    ) async throws -> Response {
        let scope = context.scope
        let found = try await profiles.profiles(scope, after: query.after, skip: query.skip, limit: query.limit + 1, level: query.level)
        let shown = found.prefix(query.limit)
        var model = BehavioralProfilesModel(Array(shown), level: query.level, form: form, now: scope.now)
        model.formToken = try context.session.formToken()
        if let id = query.created, let made = try await profiles.profiles(scope, after: id - 1, skip: 0, limit: 1, level: nil).first,
            made.id == id
        {
            model.created = BehavioralProfilesModel.Row(made, now: scope.now)
        }
        if found.count > query.limit, let last = shown.last { model.nextLink = link(query, after: last.id) }
        if query.after > 0 || query.skip > 0 { model.firstLink = link(query, after: nil) }
        return try PageLibrary.shared.page(
            "behavioral", model, in: PageFrame(title: "Behavioral profiles", place: Self.path, session: context.session), status: status)
    }

    private func link(_ query: Query, after: Int64?) -> String {
        let standard = GatewayLimits.behavioralProfilesPerPageDefault
        let parameters = [
            query.level.map { "engagement_level=\($0.rawValue)" }, query.limit == standard ? nil : "limit=\(query.limit)",
            after.map { "after_id=\($0)" },
        ].compactMap(\.self)
        return parameters.isEmpty ? Self.path : "\(Self.path)?\(parameters.joined(separator: "&"))"
    }
}

extension Int64 {
    fileprivate var nonZero: Int64? { self == 0 ? nil : self }
}
