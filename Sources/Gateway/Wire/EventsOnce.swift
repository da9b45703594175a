import Engine
import HTTPTypes
import Hummingbird
import NIOCore

/// Events of a request, taken once however often it is sent with the same `Idempotency-Key`.
///
/// That there is no second effect is the message ids' doing; what is kept is the answer. Clients choose message ids, and an id can be a
/// person's name: the answer about one person is kept with that person and erased with them. Of any other only what became of the events is
/// kept, in their order; the ids are read from the body, which has to be the same.
struct EventsOnce {
    let events: [Result<Event, SegmentReader.Refusal>]
    /// Whether what is wrong with the one event is wrong with the request.
    let isSingle: Bool
    /// Whether refusals also have the members that clients of the tracking protocol look for.
    var isTracking = true
    let render: ([EventOutcome]) -> KeptAnswer

    private static let outcomesType = "application/vnd.attune.outcomes"

    /// - Parameter read: says which events there are; what it refuses is kept for the key like any other refusal.
    static func answer(
        _ request: Request, _ scope: Scope, _ content: [UInt8], _ circumstances: EventIntake.Circumstances, _ engine: AttuneEngine,
        _ read: () throws -> EventsOnce
    ) async throws -> Response {
        let once: EventsOnce
        do {
            once = try read()
        } catch {
            let problem = Problem(error)
            return try await IdempotentCall.once(request, scope, about: nil, content, engine.idempotency) { _ in throw problem }
        }
        return try await once.answer(request, scope, content, circumstances, engine)
    }

    private func answer(
        _ request: Request, _ scope: Scope, _ content: [UInt8], _ circumstances: EventIntake.Circumstances, _ engine: AttuneEngine
    ) async throws -> Response {
        guard let key = circumstances.idempotencyKey else {
            return render(try await take(scope, circumstances, engine)).response
        }
        let identity = IdempotentRequest(key: key, method: request.method.rawValue, path: request.uri.path, body: content)
        let person = engine.events.person(of: events, scope)
        switch try await engine.idempotency.begin(scope, about: person, identity, success: .accepted) {
        case .replay(let kept):
            var response = (kept.contentType == Self.outcomesType ? render(outcomes(kept.body)) : kept).response
            response.headers.append(HTTPField(name: .idempotencyReplayed, value: "true"))
            return response
        case .proceed(let claimed):
            let outcomes: [EventOutcome]
            do {
                outcomes = try await take(scope, circumstances, engine)
            } catch {
                let problem = isTracking ? Problem(error).forTracking : Problem(error)
                await engine.idempotency.finish(claimed, answer: problem.answer)
                throw problem
            }
            // Whoever has refused, or whom nothing was taken of, is not brought into being by an answer.
            if person != nil, outcomes.contains(where: { $0.status == .accepted }) {
                try await engine.idempotency.finish(claimed, keeping: render(outcomes))
            } else {
                try await engine.idempotency.finish(claimed, keepingAboutNobody: Self.kept(outcomes))
            }
            return render(outcomes).response
        }
    }

    private func take(
        _ scope: Scope, _ circumstances: EventIntake.Circumstances, _ engine: AttuneEngine
    ) async throws -> [EventOutcome] {
        isSingle
            ? [try await engine.events.take(scope, events[0], circumstances)] : try await engine.events.take(scope, events, circumstances)
    }

    private static func kept(_ outcomes: [EventOutcome]) -> KeptAnswer {
        KeptAnswer(status: 200, contentType: outcomesType, body: Array(outcomes.map(\.status.text).joined(separator: ",").utf8))
    }

    private func outcomes(_ kept: [UInt8]) -> [EventOutcome] {
        let statuses = String(decoding: kept, as: UTF8.self).split(separator: ",").map { EventOutcome.Status(text: $0) }
        return zip(events, statuses).map { event, status in
            switch event {
            case .success(let event): EventOutcome(messageID: event.messageID, status: status)
            case .failure(let refusal): EventOutcome(messageID: refusal.messageID, status: status)
            }
        }
    }
}

extension EventOutcome.Status {
    fileprivate var text: String {
        switch self {
        case .accepted: "accepted"
        case .duplicate: "duplicate"
        case .rejected(let reason): reason.rawValue
        }
    }

    fileprivate init(text: Substring) {
        switch text {
        case "accepted": self = .accepted
        case "duplicate": self = .duplicate
        default: self = .rejected(EventOutcome.Reason(rawValue: String(text)) ?? .invalid)
        }
    }
}
