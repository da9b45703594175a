package import Engine
package import HTTPTypes
package import Hummingbird
import Logging
import NIOHTTP1

/// The outermost layer, around the router: what every request and every answer gets, and where errors become problems.
///
/// It is a responder and not a middleware so that it is there for unknown routes too and costs one call for all of it.
package struct GatewayResponder: HTTPResponder {
    private let router: RouterResponder<GatewayContext>
    private let routes: RouteTable
    private let meters: RequestMeters
    private let session: @Sendable (HTTPFields) -> OperatorSession?

    /// - Parameter session: The operator's session that a request's headers carry.
    package init(
        router: Router<GatewayContext>, metrics: PrometheusRegistry, session: @escaping @Sendable (HTTPFields) -> OperatorSession?
    ) {
        // The table is read first: the router adds HEAD to every GET when it is built.
        routes = RouteTable(router.routes)
        meters = RequestMeters(routes: routes, metrics: metrics)
        self.router = router.buildResponder()
        self.session = session
    }

    package func respond(to request: Request, context: GatewayContext) async throws -> Response {
        let start = ContinuousClock.now
        var context = context
        context.identity = RequestIdentity(request.headers)
        var response: Response
        do {
            try RequestTarget.check(request)
            response =
                if let preflight = CrossOrigin.preflight(request) { preflight } else {
                    try await router.respond(to: request, context: context)
                }
            if context.endpointPath == RouteTable.unmatched { response = answer(routes.refusal(of: request), to: request) }
        } catch let error as HTTPParserError {
            // The connection speaks no HTTP any more; the server says so and closes it.
            throw error
        } catch {
            response = problemResponse(to: error, request, context: context)
        }
        CrossOrigin.expose(&response, to: request)
        if request.method == .head { response = response.createHeadResponse() }
        response.headers.append(HTTPField(name: .requestID, value: context.identity.requestID))
        finish(request, response.status, context, after: .now - start)
        return response
    }

    private func answer(_ problem: Problem, to request: Request) -> Response {
        let isForTracking = ["/v1/", "/api/track/"].contains { request.uri.path.hasPrefix($0) }
        let problem = isForTracking ? problem.forTracking : problem
        return ErrorPage.response(to: problem, of: request) { session(request.headers) } ?? problem.response
    }

    private func problemResponse(to error: any Error, _ request: Request, context: GatewayContext) -> Response {
        let problem = Problem(error)
        if problem.status.code == 500 {
            context.requestLogger.error(
                "A request failed by our fault.",
                metadata: ["route": "\(context.endpointPath ?? RouteTable.unmatched)", "error": "\(type(of: error))"])
        }
        return answer(problem, to: request)
    }

    private func finish(_ request: Request, _ status: HTTPResponse.Status, _ context: GatewayContext, after elapsed: Duration) {
        let route = context.endpointPath
        meters.record(method: request.method, route: route, status: status.code, elapsed: elapsed)
        // Whoever sends a trace wants to find it again; for others a line for each request would be too much.
        let level: Logger.Level = context.identity.traceparent == nil ? .debug : .info
        guard level >= context.logger.logLevel else { return }
        context.requestLogger.log(
            level: level,
            "Answered a request.",
            metadata: [
                "method": "\(request.method)", "route": "\(route ?? RouteTable.unmatched)", "status": "\(status.code)",
                "duration": "\(elapsed)",
            ])
    }
}
