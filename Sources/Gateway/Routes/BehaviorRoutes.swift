import Engine
import Hummingbird
import NIOCore

/// What events have told of users.
///
/// | method | path under `/api/behavioral-ml` | permission |
/// | --- | --- | --- |
/// | POST | `/track-interaction` | sendEvents |
/// | GET | `/user-profile/behavioral` | readBehavior |
/// | POST | `/features/extract-batch` (changes nothing) | extractFeatures |
/// | GET | `/features/implicit-rating` | readBehavior |
struct BehaviorRoutes {
    private let engine: AttuneEngine
    private var behavior: Behavior { engine.behavior }

    init(_ engine: AttuneEngine) {
        self.engine = engine
    }

    func add(to routes: some RouterMethods<TenantContext>) {
        routes.group("api/behavioral-ml")
            .get("user-profile/behavioral", use: profile)
            .post("features/extract-batch", use: extract)
            .get("features/implicit-rating", use: rating)
    }

    /// What passes the rates of keys and addresses.
    func add(toSenders routes: some RouterMethods<TenantContext>) {
        routes.post("api/behavioral-ml/track-interaction", use: track)
    }

    private func track(_ request: Request, _ context: TenantContext) async throws -> Response {
        try context.scope.authorize(.sendEvents)
        try engine.access.checkOrigin(request.headers[.origin], of: context.scope)
        let bytes = try await request.eventContent()
        try request.requireJSON(ByteBuffer(bytes: bytes))
        let body = try JSONBody.decode(InteractionBody.self, fromEvent: bytes)
        let circumstances = try EventIntake.Circumstances(request)
        return try await EventsOnce.answer(request, context.scope, bytes, circumstances, engine) {
            let reader = try engine.events.reader(context.scope, circumstances)
            let event = try body.event(
                receivedAt: context.scope.now, messageID: reader.makeMessageID(0), owner: reader.owner, isBot: reader.isBot)
            return EventsOnce(events: [.success(event)], isSingle: true, isTracking: false) { outcomes in
                KeptAnswer(.accepted) { json in outcomes.forEach { $0.write(to: &json) } }
            }
        }
    }

    private func profile(_ request: Request, _ context: TenantContext) async throws -> Response {
        let user = try context.user(.readBehavior, in: QueryParameters(request.uri.query))
        let preferences = try await behavior.preferences(context.scope, user)
        let features = try await behavior.features(context.scope, user)
        let traits = try await behavior.traits(context.scope, user)
        let focus = try await engine.personalization.profile(context.scope, user).value.marketFocus
        return .json(capacityBytes: 2048) { json in
            json.object { json in
                json.key("user_id")
                json.id(user.id)
                json.key("static_preferences")
                json.object { json in
                    json.key("traits")
                    json.object { json in
                        for trait in traits { json.member(named: trait.name, raw: trait.value) }
                    }
                    json.member("market_focus", focus)
                }
                json.key("behavioral_preferences")
                preferences.write(to: &json)
                json.key("behavioral_features")
                features.write(to: &json)
            }
        }
    }

    private func extract(_ request: Request, _ context: TenantContext) async throws -> Response {
        try context.scope.authorize(.extractFeatures)
        let body = try JSONBody.decode(ExtractionBody.self, from: try await request.jsonContent())
        guard body.userIds.count <= Limits.usersPerExtractionMax else {
            throw EngineError.invalid("/user_ids", "must hold at most 1000 ids")
        }
        let users = try body.userIds.enumerated().map { try $1.userID(pointer: "/user_ids/\($0)") }
        let features = try await behavior.features(context.scope, of: users)
        return .json(capacityBytes: 64 + users.count * 800) { json in
            json.array(of: Array(zip(users, features))) { json, entry in
                json.object { json in
                    json.key("user_id")
                    json.id(entry.0)
                    json.key("features")
                    entry.1.write(to: &json)
                }
            }
        }
    }

    private func rating(_ request: Request, _ context: TenantContext) async throws -> Response {
        let query = QueryParameters(request.uri.query)
        let user = try context.user(.readBehavior, in: query)
        guard let product = try query.text("product_id"), (1...Limits.objectIDBytesMax).contains(product.utf8.count) else {
            throw EngineError.invalid("/product_id", "must be 1 to 256 bytes long")
        }
        let rating = try await behavior.rating(context.scope, user, product: product)
        return .json { json in
            json.object { json in
                json.member("implicit_rating", rating.implicit.value)
                json.key("explicit_rating")
                if let explicit = rating.explicit { json.value(explicit) } else { json.null() }
                json.member("combined_rating", rating.combined)
                json.member("signals", of: rating.implicit.signals) { json, signal in
                    json.object {
                        $0.member("interaction_type", signal.type.name)
                        $0.member("count", signal.count)
                        $0.member("weight", signal.type.weight)
                        $0.member("decayed_weight", signal.weight)
                        $0.member("last_at", signal.lastAt)
                    }
                }
            }
        }
    }
}

extension TenantContext {
    /// The user that the query's `user_id` names; the token's own where it names none.
    func user(_ permission: Permission, in query: QueryParameters) throws(EngineError) -> AuthorizedUser {
        guard let text = try query.text("user_id"), text != "me" else {
            // A key has no user of its own.
            if case .user = scope.principal.kind { return try scope.authorize(permission, for: .me) }
            try scope.authorize(permission)
            throw .invalid("/user_id", "must name a user: `me`, and leaving it out, are for user tokens")
        }
        return try scope.authorize(permission, for: .user(try UserID(text, pointer: "/user_id")))
    }
}
