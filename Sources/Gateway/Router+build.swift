package import Engine
package import Hummingbird

/// All routes of the gateway. A noun brings its own; here is who may reach them and through what.
package func buildRouter(
    engine: AttuneEngine, configuration: GatewayConfiguration, readiness: Readiness, metrics: MetricsRegistry
) -> Router<GatewayContext> {
    let router = Router(context: GatewayContext.self, options: .autoGenerateHeadEndpoints)

    HealthRoutes(engine: engine, readiness: readiness, metrics: metrics).add(to: router)
    let groups = [
        "health", "documents", "keys", "tokens", "personalization", "consent", "playbook", "tracking", "segment", "behavioral-ml",
        "behavioral-profiles", "catalog", "insights", "privacy", "tenant", "pages",
    ]
    DocumentRoutes(groups: groups.map { RouteGroup(name: $0) }).add(to: router)
    KeySetRoutes(tokens: engine.tokens).add(to: router)
    let rate = configuration.rateLimitPerMinute
    // Whoever floods the API with a key that browsers have shall not keep operators from the page that revokes it.
    let limiter = rate > 0 ? RateLimiter(requestsPerMinute: rate) : nil
    let pageLimiter = rate > 0 ? RateLimiter(requestsPerMinute: rate) : nil
    let centerLimiter = rate > 0 ? RateLimiter(requestsPerMinute: rate) : nil
    let servesTLS = configuration.tlsCertificatePath != nil
    PageRoutes(engine: engine, readiness: readiness, servesTLS: servesTLS, limiter: pageLimiter, centerLimiter: centerLimiter)
        .add(to: router)

    let eventLimiter = EventLimiter(
        tenants: limiter, perKey: configuration.eventRateLimitPerKey, perAddress: configuration.eventRateLimitPerAddress)
    TrackRoutes(engine, limiter: eventLimiter).add(to: router)
    SegmentRoutes(engine, limiter: eventLimiter).add(to: router)

    let openDSR = router.group().add(middleware: OpenDSRAnswers(engine.openDSR))
    let openDSRAuthenticated = openDSR.group().add(middleware: Authentication(access: engine.access))
    if let limiter { openDSRAuthenticated.add(middleware: RateLimiting(limiter)) }
    let openDSRTenant = openDSRAuthenticated.group(context: TenantContext.self)
    for routes in [OpenDSRRoutes(engine, isLegacy: false), OpenDSRRoutes(engine, isLegacy: true)] {
        routes.addOpen(to: openDSR)
        routes.add(to: openDSRTenant)
    }

    let authenticated = router.group().add(middleware: Authentication(access: engine.access))
    if let limiter { authenticated.add(middleware: RateLimiting(limiter)) }
    let tenant = authenticated.group(context: TenantContext.self)
    TokenRoutes(engine).add(to: tenant)
    PersonalizationRoutes(engine).add(to: tenant)
    AdviceRoutes(engine).add(to: tenant)
    ConsentRoutes(engine).add(to: tenant)
    PlaybookRoutes(engine).add(to: tenant)
    BehaviorRoutes(engine).add(to: tenant)
    let senders = router.group().add(middleware: Authentication(access: engine.access)).add(
        middleware: EventRateLimiting(limiter: eventLimiter))
    if let limiter { senders.add(middleware: RateLimiting(limiter)) }
    BehaviorRoutes(engine).add(toSenders: senders.group(context: TenantContext.self))
    BehavioralProfileRoutes(engine).add(to: tenant)
    CatalogRoutes(engine).add(to: tenant)
    InsightRoutes(engine).add(to: tenant)
    PersonRoutes(engine).add(to: tenant)
    PrivacyRoutes(engine).add(to: tenant)
    TenantRoutes(engine).add(to: tenant)
    DataRequestRoutes(engine).add(to: tenant)
    HoldRoutes(engine).add(to: tenant)
    OpenDSRRoutes(engine, isLegacy: false).addResults(to: tenant)
    return router
}
