import NIOCore
import NIOHTTP1

/// Ends connections of HTTP/1 as RFC 9112 says (9.3 and 9.6), and writes answers that clients of HTTP/1.0 can read (6.1).
///
/// The server ends a connection where a request says exactly `Connection: close`. Requests that mean it by their version, in other
/// letters or in a list are made to say so. It also keeps the bytes that end a chunked body from following the head that answers HEAD.
final class HTTP1Persistence: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private struct Exchange {
        let persists: Bool
        let isHTTP10: Bool
        let isHEAD: Bool
    }

    /// The requests that have not been answered, oldest first.
    private var exchanges = CircularBuffer<Exchange>()
    /// Whether the answer that is being written ends with the connection, which its request did not ask for.
    private var endsAfterAnswer = false
    private var hasEnded = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasEnded else { return }
        guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        let isHTTP10 = head.version.major == 1 && head.version.minor == 0
        let persists = isHTTP10 ? Self.persistsHTTP10(head.headers) : head.isKeepAlive
        exchanges.append(Exchange(persists: persists, isHTTP10: isHTTP10, isHEAD: head.method == .HEAD))
        guard isHTTP10 || !persists else { return context.fireChannelRead(data) }
        if !persists { head.headers.replaceOrAdd(name: "connection", value: "close") }
        // Clients of HTTP/1.0 know no 100 (RFC 9110, 10.1.1).
        if isHTTP10 { head.headers.remove(name: "expect") }
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    /// Whether a request of HTTP/1.0 says `keep-alive` and not `close` as well, which goes first (9.3). A coding, which HTTP/1.0 does not
    /// have, makes its framing faulty: nothing behind it is to be believed (6.1).
    private static func persistsHTTP10(_ headers: HTTPHeaders) -> Bool {
        let options = headers[canonicalForm: "connection"].map { $0.lowercased() }
        return options.contains("keep-alive") && !options.contains("close") && !headers.contains(name: "transfer-encoding")
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard let exchange = exchanges.first else { return context.write(data, promise: promise) }
        switch unwrapOutboundIn(data) {
        case .head(let head):
            guard head.status.code >= 200 else { return context.write(data, promise: promise) }
            guard exchange.isHTTP10 || !exchange.persists else { return context.write(data, promise: promise) }
            context.write(wrapOutboundOut(.head(answer(head, exchange))), promise: promise)
        case .body:
            if exchange.isHEAD { writeNothing(context, promise) } else { context.write(data, promise: promise) }
        case .end:
            exchanges.removeFirst()
            if exchange.isHEAD { writeNothing(context, promise) } else { context.write(data, promise: promise) }
            guard endsAfterAnswer else { return }
            hasEnded = true
            context.flush()
            context.close(mode: .output, promise: nil)
        }
    }

    /// An answer's head to HTTP/1.0, or to the last request.
    private func answer(_ head: HTTPResponseHead, _ exchange: Exchange) -> HTTPResponseHead {
        var head = head
        let isSized = head.headers.contains(name: "content-length") || !head.status.mayHaveResponseBody
        var persists = exchange.persists
        if exchange.isHTTP10, !isSized {
            // The encoder writes no chunks for this version; what ends the body is the end of the connection.
            head.version = .http1_0
            if !exchange.isHEAD { persists = false }
        }
        endsAfterAnswer = exchange.persists && !persists
        head.headers.replaceOrAdd(name: "connection", value: persists ? "keep-alive" : "close")
        return head
    }

    /// Keeps promises in their order.
    private func writeNothing(_ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer()))), promise: promise)
    }
}
