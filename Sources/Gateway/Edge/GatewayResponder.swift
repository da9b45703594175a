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
    private let proxies: TrustedProxies
    private let logsRequests: Bool
    /// Whose request it is, for the log.
    private let tenant: @Sendable (HTTPFields) -> String?
    private let session: @Sendable (HTTPFields) -> OperatorSession?

    /// - Parameters:
    ///   - tenant: The tenant of a request's credential; asked only where requests are logged.
    ///   - session: The operator's session that a request's headers carry.
    package init(
        router: Router<GatewayContext>, metrics: MetricsRegistry, proxies: TrustedProxies = .none, logsRequests: Bool = false,
        tenant: @escaping @Sendable (HTTPFields) -> String? = { _ in nil },
        session: @escaping @Sendable (HTTPFields) -> OperatorSession? = { _ in nil }
    ) {
        self.proxies = proxies
        self.logsRequests = logsRequests
        self.tenant = tenant
        // The table is read first: the router adds HEAD to every GET when it is built.
        routes = RouteTable(router.routes)
        meters = RequestMeters(routes: routes)
        metrics.add(meters)
        self.router = router.buildResponder()
        self.session = session
    }

    package func respond(to request: Request, context: GatewayContext) async throws -> Response {
        let start = ContinuousClock.now
        var context = context
        context.identity = RequestIdentity(request.headers)
        let request = context.identity.isForwarded ? settleOrigin(of: request, &context) : request
        var response: Response
        var failure: (any Error)?
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
            failure = error
            response = answer(Problem(error), to: request)
        }
        CrossOrigin.expose(&response, to: request)
        if request.method == .head { response = response.createHeadResponse() }
        response.headers.append(HTTPField(name: .requestID, value: context.identity.requestID))
        finish(request, response.status, context, after: .now - start, failure)
        return response
    }

    private func answer(_ problem: Problem, to request: Request) -> Response {
        let isForTracking = ["/v1/", "/api/track/"].contains { request.uri.path.hasPrefix($0) }
        let problem = isForTracking ? problem.forTracking : problem
        return ErrorPage.response(to: problem, of: request) { session(request.headers) } ?? problem.response
    }

    /// Takes a trusted proxy's word for where the request comes from, and drops everybody else's.
    private func settleOrigin(of request: Request, _ context: inout GatewayContext) -> Request {
        if proxies.contains(context.peerAddress) {
            context.forwardedAddress = proxies.clientAddress(in: request.headers)
            return request
        }
        var head = request.head
        head.headerFields[.forwardedFor] = nil
        head.headerFields[.forwardedProto] = nil
        return Request(head: head, body: request.body)
    }

    private func finish(
        _ request: Request, _ status: HTTPResponse.Status, _ context: GatewayContext, after elapsed: Duration, _ failure: (any Error)?
    ) {
        let route = context.endpointPath
        meters.record(method: request.method, route: route, status: status.code, elapsed: elapsed)
        let hasFailed = status.code >= 500
        // Whoever sends a trace wants to find it again.
        let level: Logger.Level =
            if hasFailed { status.code == 503 ? .warning : .error } else {
                logsRequests || context.identity.traceparent != nil ? .info : .debug
            }
        guard level >= context.logger.logLevel else { return }
        var metadata: Logger.Metadata = [
            "method": "\(request.method)", "route": "\(route ?? RouteTable.unmatched)", "status": .stringConvertible(status.code),
            "durationMs": .stringConvertible((elapsed / .microseconds(1)).rounded() / 1000),
        ]
        if let tenant = tenant(request.headers) { metadata["tenant"] = .string(tenant) }
        if hasFailed, let failure { metadata["error"] = "\(type(of: failure))" }
        context.requestLogger.log(level: level, hasFailed ? "A request failed." : "Answered a request.", metadata: metadata)
    }
}
