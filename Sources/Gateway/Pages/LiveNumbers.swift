import Engine
import Hummingbird
import NIOCore
import Synchronization

/// The overview's numbers as they change, by server-sent events (WHATWG HTML, 9.2).
///
/// | method | path | permission |
/// | --- | --- | --- |
/// | GET | `/live` | a session |
///
/// A stream ends with its session, when the server drains, and after a while. There are never more than a bounded number of them.
struct LiveNumbers: Sendable {
    private final class Streams: Sendable {
        let count = Atomic<Int>(0)
    }

    let engine: AttuneEngine
    let readiness: Readiness
    let cookie: SessionCookie
    private let streams = Streams()

    init(engine: AttuneEngine, readiness: Readiness, cookie: SessionCookie) {
        self.engine = engine
        self.readiness = readiness
        self.cookie = cookie
    }

    func add(to routes: some RouterMethods<GatewayContext>) {
        routes.get("live", use: live)
    }

    private func live(_ request: Request, _ context: GatewayContext) throws -> Response {
        guard let value = cookie.value(in: request.headers), let session = engine.sessions.resume(cookie: value, logger: context.logger)
        else {
            throw EngineError(.unauthenticated, "This route needs an operator's session.")
        }
        guard streams.count.load(ordering: .relaxed) < GatewayLimits.liveStreamsMax, readiness.state != .draining else {
            throw EngineError(.unavailable, "There are too many live streams.", retryAfterSeconds: 30)
        }
        _ = try engine.overview.numbers(session.scope)
        let logger = context.logger
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store", .xContentTypeOptions: "nosniff"],
            body: ResponseBody { writer in
                streams.count.add(1, ordering: .relaxed)
                defer { streams.count.subtract(1, ordering: .relaxed) }
                try await send(to: &writer) { engine.sessions.resume(cookie: value, logger: logger) }
                try await writer.finish(nil)
            })
    }

    @concurrent
    private func send(to writer: inout any ResponseBodyWriter, session: () -> OperatorSession?) async throws {
        let end = ContinuousClock.now + .seconds(GatewayLimits.liveSecondsMax)
        var last = ByteBuffer()
        try await writer.write(ByteBuffer(string: "retry: 3000\n\n"))
        while ContinuousClock.now < end {
            guard let session = session() else {
                try await writer.write(ByteBuffer(string: "event: end\ndata: {}\n\n"))
                return
            }
            let numbers = event(try engine.overview.numbers(session.scope))
            // A comment keeps what stands between from taking silence for the end.
            try await writer.write(numbers == last ? ByteBuffer(string: ":\n\n") : numbers)
            last = numbers
            guard try await pause() else { return }
        }
    }

    /// - Returns: false where the server drains.
    private func pause() async throws -> Bool {
        for _ in 0..<(GatewayLimits.liveIntervalMilliseconds / GatewayLimits.liveCheckMilliseconds) {
            guard readiness.state != .draining else { return false }
            try await Task.sleep(for: .milliseconds(GatewayLimits.liveCheckMilliseconds))
        }
        return readiness.state != .draining
    }

    private func event(_ numbers: Overview.Numbers) -> ByteBuffer {
        var json = JSONWriter(capacityBytes: 96)
        json.object {
            $0.member("users", numbers.users)
            $0.member("uses", numbers.activity.uses)
            $0.member("dashboards", numbers.activity.dashboardCount)
        }
        var event = ByteBuffer(string: "event: numbers\ndata: ")
        event.writeImmutableBuffer(json.buffer)
        event.writeString("\n\n")
        return event
    }
}
