import Engine
import Hummingbird

/// The operators' pages, together.
struct PageRoutes {
    let engine: AttuneEngine
    let readiness: Readiness
    let servesTLS: Bool
    /// The rates of the tenants' operators, apart from the API's; nil: there is no bound.
    let limiter: RateLimiter?
    /// The rates of the tenants' persons in the privacy center, who take nothing from the operators; nil: there is no bound.
    let centerLimiter: RateLimiter?

    func add(to router: Router<GatewayContext>) {
        let cookie = SessionCookie(publicURL: engine.publicURL, servesTLS: servesTLS)
        let login = LoginPages(sessions: engine.sessions, cookie: cookie)
        PageAssets().add(to: router)
        PrivacyCenter(engine: engine, servesTLS: servesTLS, limiter: centerLimiter).add(to: router)
        login.add(to: router)
        let live = router.group().add(middleware: OperatorAuthentication(sessions: engine.sessions, cookie: cookie, isPage: false))
        let pages = router.group().add(middleware: OperatorAuthentication(sessions: engine.sessions, cookie: cookie, isPage: true))
        if let limiter {
            live.add(middleware: RateLimiting(limiter))
            pages.add(middleware: RateLimiting(limiter))
        }
        LiveNumbers(engine: engine, readiness: readiness, cookie: cookie).add(to: live)
        let session = pages.group(context: OperatorContext.self)
        login.add(toSession: session)
        OverviewPage(engine: engine).add(to: session)
        ProfileListPage(engine: engine).add(to: session)
        ProfilePage(engine: engine).add(to: session)
        BehavioralProfilesPage(engine: engine).add(to: session)
        KeyPages(engine: engine).add(to: session)
        PrivacyPages(engine: engine).add(to: session)
    }
}
