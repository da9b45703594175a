import Engine
import Hummingbird
import NIOCore

/// Events of users, as Attune's own clients send them. The key may also be in the body, as `writeKey`.
///
/// | method | path | permission |
/// | --- | --- | --- |
/// | POST | `/api/track/page-view` | sendEvents |
/// | POST | `/api/track/interaction` | sendEvents |
/// | POST | `/api/track/batch` | sendEvents |
struct TrackRoutes {
    private let call: EventCall

    init(_ engine: AttuneEngine, limiter: EventLimiter) {
        call = EventCall(engine: engine, limiter: limiter)
    }

    func add(to routes: some RouterMethods<GatewayContext>) {
        routes.group("api/track")
            .post("page-view") { try await single(.page, $0, $1) }
            .post("interaction") { try await single(.track, $0, $1) }
            .post("batch", use: batch)
    }

    private func single(_ kind: EventKind, _ request: Request, _ context: GatewayContext) async throws -> Response {
        try await call.answer(request, context) { incoming in
            try incoming.checkSingle()
            var reader = try call.engine.events.reader(incoming.scope, incoming.circumstances)
            reader.isFlat = true
            let event = reader.event(incoming.root, kind: kind)
            return EventsOnce(events: [event], isSingle: true) { outcomes in
                KeptAnswer(.accepted) { json in outcomes.forEach { $0.write(to: &json) } }
            }
        }
    }

    private func batch(_ request: Request, _ context: GatewayContext) async throws -> Response {
        try await call.answer(request, context) { incoming in
            EventsOnce(events: try call.engine.events.batch(incoming), isSingle: false) { outcomes in
                KeptAnswer(.accepted) { json in
                    json.object { $0.member("results", of: outcomes) { $1.write(to: &$0) } }
                }
            }
        }
    }
}

extension EventCall.Incoming {
    /// - Throws: `Problem` 400 for a body that cannot be read, 413 for one that is larger than an event may be.
    func checkSingle() throws(Problem) {
        guard !root.isSpoiled else { throw Problem.malformedJSON }
        guard root.raw.count <= Limits.eventBytesMax else { throw Problem.eventTooLarge }
    }
}

extension EventIntake {
    /// The events of a body `{"batch":[…],"sentAt"?,"context"?}`.
    /// - Parameter isArchive: whether they happened another day, and are not sent now.
    func batch(_ incoming: EventCall.Incoming, isArchive: Bool = false) throws -> [Result<Event, SegmentReader.Refusal>] {
        guard let batch = incoming.root.member("batch") else { throw EngineError.invalid("/batch", "is missing") }
        guard batch.kind == .array else { throw EngineError.invalid("/batch", "must be an array") }
        let views = batch.elements
        guard views.count <= Limits.eventsPerBatchMax else { throw Problem.batchTooLarge }
        // What cannot be read spoils the event that it stands in; elsewhere it spoils the body.
        guard views.reduce(0, { $0 + $1.faults }) == incoming.root.faults else { throw Problem.malformedJSON }
        var reader = try reader(incoming.scope, incoming.circumstances)
        reader.isArchive = isArchive
        reader.sentAt = incoming.root.member("sentAt")?.moment
        reader.context = incoming.root.member("context")
        return views.enumerated().map { reader.event($1, place: $0) }
    }
}

extension EventOutcome {
    func write(to writer: inout JSONWriter) {
        writer.object { json in
            json.member("messageId", messageID)
            switch status {
            case .accepted: json.member("status", "accepted")
            case .duplicate: json.member("status", "duplicate")
            case .rejected(let reason):
                json.member("status", "rejected")
                json.member("reason", reason.rawValue)
            }
        }
    }
}
