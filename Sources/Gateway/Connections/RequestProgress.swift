import HTTPTypes
import NIOCore
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// Tells the connection how its requests get on; stands where requests come, in a connection of HTTP/1 or in a stream of HTTP/2.
///
/// A stream that makes no progress is reset without harm to the connection's others. It also closes connections whose client drips a body
/// forever.
final class RequestProgress: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// A stream's answer goes out in parts of this size, so that a client that reads slowly is told from one that does not read.
    private static let partBytesMax = 16 * 1024

    private let limits: ConnectionLimits
    private var connection: ConnectionDeadlines?
    private var context: ChannelHandlerContext?
    private var isStream = false
    private var unansweredCount = 0
    /// Whether a part of a request is still to come.
    private var isReading = false
    private var isBusy = false
    private var bodyDeadline: NIODeadline?
    /// Of a stream: parts of the answer that have not left.
    private var unsentCount = 0
    private var hasMoved = true
    private var movedAt = NIODeadline.uptimeNanoseconds(0)

    init(_ limits: ConnectionLimits) {
        self.limits = limits
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        let pipeline = context.pipeline.syncOperations
        if let own = try? pipeline.handler(type: ConnectionDeadlines.self) {
            connection = own
            guard let codec = try? pipeline.handler(type: HTTP1ToHTTPServerCodec.self) else { return }
            try? pipeline.addHandler(HTTP1Persistence(), position: .before(codec))
        } else if let parent = context.channel.parent, parent.eventLoop === context.eventLoop {
            isStream = true
            connection = try? parent.pipeline.syncOperations.handler(type: ConnectionDeadlines.self)
            connection?.insert(self)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        leave()
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    private func leave() {
        connection?.remove(self)
        if isBusy { connection?.changeBusy(by: -1) }
        isBusy = false
        (connection, context) = (nil, nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            bodyDeadline = nil
            unansweredCount += 1
            isReading = true
        case .body:
            let now = context.eventLoop.now
            if let bodyDeadline, now > bodyDeadline { return context.close(promise: nil) }
            // Most bodies come in one part; the clock starts with it.
            if bodyDeadline == nil { bodyDeadline = now + limits.bodyTimeMax }
        case .end: isReading = false
        }
        noteMove()
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let part = unwrapOutboundIn(data)
        if case .end = part {
            unansweredCount -= 1
            noteMove()
        }
        guard isStream else { return context.write(data, promise: promise) }
        if case .body(var body) = part {
            while body.readableBytes > Self.partBytesMax, let first = body.readSlice(length: Self.partBytesMax) {
                send(.body(first), context, nil)
            }
            return send(.body(body), context, promise)
        }
        send(part, context, promise)
    }

    private func send(_ part: HTTPResponsePart, _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
        if unsentCount == 0 { hasMoved = true }
        unsentCount += 1
        let promise = promise ?? context.eventLoop.makePromise()
        promise.futureResult.assumeIsolated().whenComplete { _ in
            self.unsentCount -= 1
            self.noteMove()
        }
        context.write(wrapOutboundOut(part), promise: promise)
    }

    private func noteMove() {
        hasMoved = true
        connection?.noteMove()
        // The request that is being read is the last one; where it is answered already, there is none to be answered.
        let isBusy = unansweredCount > (isReading ? 1 : 0)
        guard isBusy != self.isBusy else { return }
        self.isBusy = isBusy
        connection?.changeBusy(by: isBusy ? 1 : -1)
    }

    /// Resets a stream that waits for its client in vain.
    func check(_ now: NIODeadline) {
        if hasMoved {
            (movedAt, hasMoved) = (now, false)
        }
        let isWaiting = isReading || unsentCount > 0
        if isWaiting, now - movedAt >= min(limits.idleTimeMax, limits.unreadTimeMax) { context?.close(promise: nil) }
    }
}
