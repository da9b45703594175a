import NIOCore
import NIOPosix
import Synchronization

/// An HTTP/1.1 server on 127.0.0.1 that writes exactly the bytes it is told to, which a library's server would mend.
final class ScriptedServer: Sendable {
    enum Reply: Sendable {
        case answer(status: Int, headers: [String: String] = [:], body: String)
        /// The request is read, and nothing comes back.
        case hang
        /// A byte every 20 ms, from the body's first on, or from the head's.
        case trickle(body: String, headToo: Bool = false)
        /// Half of the body that was promised, then the end.
        case cutOff(body: String)
        /// The end, without a byte.
        case reset
        /// Blanks without end, in chunks.
        case endless
    }

    struct Request: Sendable {
        /// As on the wire.
        var line: String
        var headers: [String: String]
        var body: String
    }

    fileprivate struct State {
        var replies: [Reply]
        var requests: [Request] = []
        var connectionsMade = 0
        var connectionsEnded = 0
        var bytesWritten = 0
    }

    fileprivate let state: Mutex<State>
    private let port: Mutex<Int> = .init(0)

    private init(_ replies: [Reply]) { state = Mutex(State(replies: replies)) }

    var url: String { "http://127.0.0.1:\(port.withLock(\.self))" }
    var requests: [Request] { state.withLock { $0.requests } }
    var connectionsMade: Int { state.withLock { $0.connectionsMade } }
    var bytesWritten: Int { state.withLock { $0.bytesWritten } }

    /// Runs `body` with a server that gives these replies in turn, the last one for ever.
    static func run<Value>(_ replies: Reply..., body: (ScriptedServer) async throws -> Value) async throws -> Value {
        let server = ScriptedServer(replies)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { child in
                child.eventLoop.makeCompletedFuture { try child.pipeline.syncOperations.addHandler(ScriptedConnection(server)) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        server.port.withLock { $0 = channel.localAddress?.port ?? 0 }
        let outcome = await Result { try await body(server) }
        try? await channel.close()
        return try outcome.get()
    }

    /// Whether every connection is ended soon.
    func allConnectionsEnd(within limit: Duration = .seconds(2)) async throws -> Bool {
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end {
            if state.withLock({ $0.connectionsEnded == $0.connectionsMade }) { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }
}

extension Result where Failure == any Error {
    init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}

/// One connection: collects a request, then does as told.
private final class ScriptedConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let server: ScriptedServer
    private var received = ""

    init(_ server: ScriptedServer) { self.server = server }

    func channelActive(context: ChannelHandlerContext) { server.state.withLock { $0.connectionsMade += 1 } }

    func channelInactive(context: ChannelHandlerContext) { server.state.withLock { $0.connectionsEnded += 1 } }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += String(buffer: unwrapInboundIn(data))
        guard let request = takeRequest() else { return }
        let reply = server.state.withLock { state in
            state.requests.append(request)
            return state.replies.count > 1 ? state.replies.removeFirst() : state.replies[0]
        }
        perform(reply, context: context)
    }

    private func takeRequest() -> ScriptedServer.Request? {
        guard let end = received.utf8.firstRange(of: "\r\n\r\n".utf8) else { return nil }
        let lines = received[..<end.lowerBound].split(separator: "\r\n")
        let pairs = lines.dropFirst().compactMap { line -> (String, String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (line[..<colon].lowercased(), String(line[line.index(after: colon)...].drop { $0 == " " }))
        }
        let headers = Dictionary(pairs) { $0 + ", " + $1 }
        let body = received[end.upperBound...]
        guard body.utf8.count >= Int(headers["content-length"] ?? "0") ?? 0 else { return nil }
        defer { received = "" }
        return ScriptedServer.Request(line: String(lines[0]), headers: headers, body: String(body))
    }

    private func perform(_ reply: ScriptedServer.Reply, context: ChannelHandlerContext) {
        switch reply {
        case .answer(let status, let headers, let body): write(Self.head(status, headers, body) + body, context)
        case .hang: break
        case .trickle(let body, let headToo):
            if !headToo { write(Self.head(200, [:], body), context) }
            trickle(Array(((headToo ? Self.head(200, [:], body) : "") + body).utf8)[...], context)
        case .cutOff(let body):
            write(Self.head(200, [:], body) + body.prefix(body.count / 2), context)
            context.close(promise: nil)
        case .reset: context.close(promise: nil)
        case .endless:
            write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", context)
            flood(context)
        }
    }

    private static func head(_ status: Int, _ headers: [String: String], _ body: String) -> String {
        let lines = headers.map { "\($0.key): \($0.value)\r\n" }.joined()
        return "HTTP/1.1 \(status) Reason\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\(lines)\r\n"
    }

    private func write(_ text: String, _ context: ChannelHandlerContext) {
        server.state.withLock { $0.bytesWritten += text.utf8.count }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }

    private func trickle(_ bytes: ArraySlice<UInt8>, _ context: ChannelHandlerContext) {
        guard let byte = bytes.first, context.channel.isActive else { return }
        write(String(decoding: [byte], as: UTF8.self), context)
        context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(20)) { self.trickle(bytes.dropFirst(), context) }
    }

    private func flood(_ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        write("10000\r\n" + String(repeating: " ", count: 0x10000) + "\r\n", context)
        context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(1)) { self.flood(context) }
    }
}
