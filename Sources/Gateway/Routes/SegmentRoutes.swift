import Engine
import Hummingbird
import NIOCore

/// The Segment HTTP tracking protocol, as existing SDKs speak it. The answer is exactly 200: older ones take 204 for an error.
///
/// | method | path | permission |
/// | --- | --- | --- |
/// | POST | `/v1/{identify,track,page,screen,group,alias}` and `/v1/{i,t,p,s,g,a}` | sendEvents |
/// | POST | `/v1/{batch,import}` and `/v1/b` | sendEvents |
/// | GET | `/v1/projects/{writeKey}/settings` | a publishable key in the path |
struct SegmentRoutes {
    private let call: EventCall

    private static let success = KeptAnswer(status: 200, contentType: "application/json", body: Array(#"{"success":true}"#.utf8))

    init(_ engine: AttuneEngine, limiter: EventLimiter) {
        call = EventCall(engine: engine, limiter: limiter)
    }

    func add(to routes: some RouterMethods<GatewayContext>) {
        let group = routes.group("v1")
        for kind in EventKind.allCases {
            for name in [kind.name, String(kind.name.prefix(1))] {
                group.post("\(name)") { try await single(kind, $0, $1) }
            }
        }
        for name in ["batch", "b"] { group.post("\(name)") { try await batch($0, $1) } }
        // Segment's route for history.
        group.post("import") { try await batch($0, $1, isArchive: true) }
        group.get("projects/{writeKey}/settings", use: settings)
    }

    private func single(_ kind: EventKind, _ request: Request, _ context: GatewayContext) async throws -> Response {
        try await call.answer(request, context) { incoming in
            try incoming.checkSingle()
            let reader = try call.engine.events.reader(incoming.scope, incoming.circumstances)
            let event = reader.event(incoming.root, kind: kind)
            return EventsOnce(events: [event], isSingle: true) { _ in Self.success }
        }
    }

    private func batch(_ request: Request, _ context: GatewayContext, isArchive: Bool = false) async throws -> Response {
        try await call.answer(request, context) { incoming in
            EventsOnce(events: try call.engine.events.batch(incoming, isArchive: isArchive), isSingle: false) { _ in Self.success }
        }
    }

    /// What analytics.js-shaped clients ask for before they send: that there is nothing to load besides.
    private func settings(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let key = context.coreContext.parameters["writeKey"] ?? ""
        try call.engine.access.authenticate(inAddress: String(key)).authorize(.sendEvents)
        return .json { json in
            json.object { json in
                json.key("integrations")
                json.object { json in
                    json.key("Segment.io")
                    json.object { $0.member("apiKey", String(key)) }
                }
                json.key("plan")
                json.object { json in
                    json.key("track")
                    json.object { _ in }
                }
                json.key("edgeFunction")
                json.object { _ in }
            }
        }
    }
}
