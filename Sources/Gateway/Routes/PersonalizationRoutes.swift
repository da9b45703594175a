import Engine
import Hummingbird
import NIOCore

/// What Attune keeps of how a user works.
///
/// | method | path under `/api/personalization/users/{userId}` | permission |
/// | --- | --- | --- |
/// | GET | | readPersonalization |
/// | DELETE | | writePersonalization |
/// | PUT | `/settings` | writePersonalization |
/// | POST | `/feature-usage` | writePersonalization |
/// | POST | `/content-preferences` | writePersonalization |
/// | PUT, PATCH | `/goals` | writePersonalization |
/// | PUT | `/market-focus` | writePersonalization |
/// | GET | `/frequent-features` | readPersonalization |
///
/// `POST /api/personalization/batch` records for many users (recordForUsers).
struct PersonalizationRoutes {
    private let personalization: Personalization
    private let idempotency: Idempotency
    private let accepted: IdempotentCall

    init(_ engine: AttuneEngine) {
        personalization = engine.personalization
        idempotency = engine.idempotency
        accepted = IdempotentCall(idempotency: engine.idempotency, success: .accepted)
    }

    func add(to routes: some RouterMethods<TenantContext>) {
        routes.group("api/personalization/users/{userId}")
            .get(use: profile)
            .delete(use: reset)
            .put("settings", use: settings)
            .post("feature-usage", use: featureUsage)
            .post("content-preferences", use: contentPreferences)
            .put("goals", use: goals)
            .patch("goals", use: goalProgress)
            .put("market-focus", use: marketFocus)
            .get("frequent-features", use: frequentFeatures)
        routes.post("api/personalization/batch", use: batch)
    }

    private func batch(_ request: Request, _ context: TenantContext) async throws -> Response {
        try context.scope.authorize(.recordForUsers)
        let content = try await request.content()
        try request.requireJSON(content)
        guard let tape = JSONTape(Array(content.readableBytesView), isMended: true) else { throw Problem.malformedJSON }
        let body = try PersonalizationBatchBody(tape.root, now: context.scope.now)
        return try await PersonalizationBatchOnce(body, personalization, idempotency).answer(request, context.scope, tape.bytes)
    }

    private func profile(_ request: Request, _ context: TenantContext) async throws -> Response {
        let user = try context.user(.readPersonalization)
        let profile = try await personalization.profile(context.scope, user)
        let tag = context.scope.entityTag(profile.version)
        if EntityTag.isUnmodified(tag, headers: request.headers) { return .notModified(tag) }
        return .json(tag: tag, capacityBytes: profile.value.jsonCapacityBytes) { profile.write(to: &$0, user: user) }
    }

    private func reset(_ request: Request, _ context: TenantContext) async throws -> Response {
        let user = try context.user(.writePersonalization)
        try await personalization.reset(context.scope, user, if: EntityTag.precondition(of: request.headers))
        return .noContent
    }

    private func settings(_ request: Request, _ context: TenantContext) async throws -> Response {
        let user = try context.user(.writePersonalization)
        let body = try JSONBody.decode(SettingsBody.self, from: try await request.jsonContent())
        let profile = try await personalization.setTimeZone(
            context.scope, user, to: body.timeZone, if: EntityTag.precondition(of: request.headers))
        return .json(tag: context.scope.entityTag(profile.version)) { json in
            json.object { $0.member("timeZone", profile.value.timeZone) }
        }
    }

    /// Where the user does not allow `personalization`, the caller is told so, and nothing is stored.
    private func learned(
        _ request: Request, _ context: TenantContext, about user: AuthorizedUser, perform: (Scope, ByteBuffer) async throws -> Void
    ) async throws -> Response {
        do {
            return try await accepted.answer(request, context, about: user, perform: perform)
        } catch let error as EngineError where error.isPersonalizationRefusal {
            return KeptAnswer.rejectedForConsent.response
        }
    }

    private func featureUsage(_ request: Request, _ context: TenantContext) async throws -> Response {
        let user = try context.user(.writePersonalization)
        return try await learned(request, context, about: user) { scope, content in
            try request.requireJSON(content)
            let body = try JSONBody.decode(FeatureUsageBody.self, from: content)
            let at = try body.at?.checked(pointer: "/at")
            try await personalization.recordFeature(scope, user, feature: body.feature, at: at)
        }
    }

    private func contentPreferences(_ request: Request, _ context: TenantContext) async throws -> Response {
        let user = try context.user(.writePersonalization)
        return try await learned(request, context, about: user) { scope, content in
            try request.requireJSON(content)
            let body = try JSONBody.decode(ContentPreferenceBody.self, from: content)
            try await personalization.recordContent(scope, user, contentType: body.contentType, success: body.success)
        }
    }

    private func goals(_ request: Request, _ context: TenantContext) async throws -> Response {
        let user = try context.user(.writePersonalization)
        let body = try JSONBody.decode(GoalsBody.self, from: try await request.jsonContent())
        let profile = try await personalization.setGoals(
            context.scope, user, shortTerm: body.shortTerm, longTerm: body.longTerm, if: EntityTag.precondition(of: request.headers))
        return .json(tag: context.scope.entityTag(profile.version)) { profile.value.writeGoals(to: &$0) }
    }

    private func goalProgress(_ request: Request, _ context: TenantContext) async throws -> Response {
        let user = try context.user(.writePersonalization)
        let body = try JSONBody.decode(GoalProgressBody.self, from: try await request.jsonContent())
        let profile = try await personalization.setProgress(
            context.scope, user, goal: body.goal, progress: body.progress, if: EntityTag.precondition(of: request.headers))
        return .json(tag: context.scope.entityTag(profile.version)) { profile.value.writeGoals(to: &$0) }
    }

    private func marketFocus(_ request: Request, _ context: TenantContext) async throws -> Response {
        let user = try context.user(.writePersonalization)
        let body = try JSONBody.decode(MarketFocusBody.self, from: try await request.jsonContent())
        let profile = try await personalization.setMarketFocus(
            context.scope, user, areas: body.marketFocus, if: EntityTag.precondition(of: request.headers))
        return .json(tag: context.scope.entityTag(profile.version)) { json in
            json.object { $0.member("marketFocus", profile.value.marketFocus) }
        }
    }

    private func frequentFeatures(_ request: Request, _ context: TenantContext) async throws -> Response {
        let user = try context.user(.readPersonalization)
        let limit = try QueryParameters(request.uri.query).integer(
            "limit", default: GatewayLimits.frequentFeaturesDefault, in: 1...Limits.frequentFeaturesMax)
        let features = try await personalization.frequentFeatures(context.scope, user, limit: limit)
        return .json { json in json.array(of: features) { $0.value($1) } }
    }
}
