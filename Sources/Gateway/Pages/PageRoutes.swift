import Engine
import Hummingbird

/// The operators' pages, together.
struct PageRoutes {
    let engine: AttuneEngine
    let readiness: Readiness

    func add(to router: Router<GatewayContext>) {
        let cookie = SessionCookie(publicURL: engine.publicURL)
        let login = LoginPages(sessions: engine.sessions, cookie: cookie)
        PageAssets().add(to: router)
        login.add(to: router)
        LiveNumbers(engine: engine, readiness: readiness, cookie: cookie).add(to: router)

        let session = router.group()
            .add(middleware: OperatorAuthentication(sessions: engine.sessions, cookie: cookie))
            .group(context: OperatorContext.self)
        login.add(toSession: session)
        OverviewPage(engine: engine).add(to: session)
        ProfileListPage(engine: engine).add(to: session)
        ProfilePage(engine: engine).add(to: session)
        KeyPages(engine: engine).add(to: session)
    }
}
