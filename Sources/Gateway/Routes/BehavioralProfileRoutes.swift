import Engine
import Hummingbird
import NIOCore

/// Behavioral profiles.
///
/// | method | path under `/api/behavioral-profiles` | permission |
/// | --- | --- | --- |
/// | POST, GET | | manageBehavioralProfiles |
/// | GET | `/user/{userId}` | manageBehavioralProfiles |
/// | PUT | `/{profileId}` | manageBehavioralProfiles |
/// | GET | `/strategy/{userId}` | manageBehavioralProfiles |
struct BehavioralProfileRoutes {
    private let profiles: BehavioralProfiles
    private let idempotency: Idempotency

    init(_ engine: AttuneEngine) {
        profiles = engine.behavioralProfiles
        idempotency = engine.idempotency
    }

    func add(to routes: some RouterMethods<TenantContext>) {
        routes.group("api/behavioral-profiles")
            .post(use: create)
            .get(use: list)
            .get("user/{userId}", use: profile)
            .get("strategy/{userId}", use: strategy)
            .put("{profileId}", use: update)
    }

    private func create(_ request: Request, _ context: TenantContext) async throws -> Response {
        try context.scope.authorize(.manageBehavioralProfiles)
        let (content, body, change) = try await read(request)
        guard let user = try body.userId?.userID(pointer: "/user_id") else { throw EngineError.invalid("/user_id", "is missing") }
        guard body.interests != nil else { throw EngineError.invalid("/interests", "is missing") }
        let owner = try context.scope.authorize(.manageBehavioralProfiles, for: .user(user))
        return try await IdempotentCall.once(request, context.scope, about: owner, content, idempotency) { scope in
            func answer(_ profile: BehavioralProfile) -> KeptAnswer { KeptAnswer(.created) { profile.write(to: &$0) } }
            return answer(try await profiles.create(scope, user: user, change, answer: answer))
        }
    }

    private func list(_ request: Request, _ context: TenantContext) async throws -> Response {
        let query = QueryParameters(request.uri.query)
        let level = try query.text("engagement_level").flatMap { text throws(EngineError) in
            text.isEmpty ? nil : try EngagementLevel(wire: text, pointer: "/engagement_level")
        }
        let found = try await profiles.profiles(
            context.scope, after: Int64(query.integer("after_id", default: 0, in: 0...Int(Limits.behavioralProfileIDMax))),
            skip: query.integer("skip", default: 0, in: 0...1_000_000_000),
            limit: query.integer("limit", default: 100, in: 1...GatewayLimits.listEntriesMax), level: level)
        return .json(capacityBytes: 64 + found.count * 256) { json in json.array(of: found) { $1.write(to: &$0) } }
    }

    private func profile(_ request: Request, _ context: TenantContext) async throws -> Response {
        let user = try context.user(.manageBehavioralProfiles)
        let profile = try await profiles.profile(context.scope, user: user.id)
        return .json { profile.write(to: &$0) }
    }

    private func strategy(_ request: Request, _ context: TenantContext) async throws -> Response {
        let user = try context.user(.manageBehavioralProfiles)
        let strategy = try await profiles.profile(context.scope, user: user.id).strategy
        return .json { json in
            json.object { json in
                json.key("user_id")
                json.id(user.id)
                json.member("recommended_strategy", strategy.recommendation)
                json.member("confidence_score", strategy.confidence)
                json.member("reasoning", strategy.reasoning)
            }
        }
    }

    private func update(_ request: Request, _ context: TenantContext) async throws -> Response {
        try context.scope.authorize(.manageBehavioralProfiles)
        let (_, _, change) = try await read(request)
        guard let id = context.coreContext.parameters["profileId"].flatMap({ Int64($0) }) else { throw Problem.notFound }
        let profile = try await profiles.update(context.scope, id: id, change)
        return .json { profile.write(to: &$0) }
    }

    private func read(_ request: Request) async throws -> ([UInt8], BehavioralProfileBody, BehavioralProfileChange) {
        let content = try await request.jsonContent()
        let bytes = Array(content.readableBytesView)
        let body = try JSONBody.decode(BehavioralProfileBody.self, from: content)
        let lead = JSONTape(bytes)?.root.member("lead_id")
        return (bytes, body, try body.change(leadID: lead.map { Array($0.raw) }))
    }
}
