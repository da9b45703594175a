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
    /// The streams that are open, by tenant: one tenant's do not take the places of all.
    private final class Streams: Sendable {
        private let open = Mutex<[String: Int]>([:])

        /// - Returns: false where there is no place; otherwise one is taken until `leave`.
        func enter(_ tenant: String) -> Bool {
            open.withLock { open in
                guard open[tenant, default: 0] < GatewayLimits.liveStreamsPerTenantMax,
                    open.values.reduce(0, +) < GatewayLimits.liveStreamsMax
                else { return false }
                open[tenant, default: 0] += 1
                return true
            }
        }

        func leave(_ tenant: String) {
            open.withLock { open in
                let count = open[tenant, default: 1] - 1
                open[tenant] = count > 0 ? count : nil
            }
        }
    }

    /// A place, given back when nobody holds it any more: also where the client goes before the body begins.
    private final class Place: Sendable {
        private let streams: Streams
        private let tenant: String

        init?(_ streams: Streams, tenant: String) {
            guard streams.enter(tenant) else { return nil }
            (self.streams, self.tenant) = (streams, tenant)
        }

        deinit {
            streams.leave(tenant)
        }
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
        guard let value = cookie.value(in: request.headers), let session = engine.sessions.resume(cookie: value)
        else {
            throw EngineError(.unauthenticated, "This route needs an operator's session.")
        }
        guard readiness.state != .draining, let place = Place(streams, tenant: session.tenant) else {
            throw EngineError(.unavailable, "There are too many live streams.", retryAfterSeconds: 30)
        }
        _ = try engine.overview.numbers(session.scope)
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store", .xContentTypeOptions: "nosniff"],
            body: ResponseBody { writer in
                try await send(to: &writer) { engine.sessions.resume(cookie: value) }
                try await writer.finish(nil)
                _ = place
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
