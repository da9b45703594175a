import NIOCore

/// Stands at a connection's head, below TLS, and closes the connection where its client keeps it for nothing: where it does not finish the
/// handshake, asks for nothing, sends half a request, or does not take its answer.
///
/// A connection's events only set flags. A timer looks at them, and at the clock, every `checkInterval`.
final class ConnectionDeadlines: ChannelOutboundHandler {
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private let limits: ConnectionLimits
    private let connection: OpenConnection
    private var context: ChannelHandlerContext?
    private var timer: RepeatedTask?

    /// Until the TLS handshake has ended; from the start false without TLS.
    var isShakingHands = false
    /// Whether the connection carries streams: HTTP/2.
    var isMultiplexed = false
    private var streams: [ObjectIdentifier: RequestProgress] = [:]
    /// Requests that have come in full and are not answered.
    private var busyCount = 0

    private var startedAt = NIODeadline.uptimeNanoseconds(0)
    /// When the client was last seen to send a part of a request, or to take a part of an answer; and whether it was since.
    private var movedAt = NIODeadline.uptimeNanoseconds(0)
    private var hasMoved = false
    private var writtenBytes = 0
    private var sentBytes = 0
    private var sentAt = NIODeadline.uptimeNanoseconds(0)

    init(_ limits: ConnectionLimits, _ connection: OpenConnection) {
        self.limits = limits
        self.connection = connection
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        startedAt = context.eventLoop.now
        (movedAt, sentAt) = (startedAt, startedAt)
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleRepeatedTask(initialDelay: limits.checkInterval, delay: limits.checkInterval) { _ in
            bound.value.handler.check(bound.value.context)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        self.context = nil
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        writtenBytes &+= unwrapOutboundIn(data).readableBytes
        context.write(data, promise: promise)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is MakeRoom else { return context.triggerUserOutboundEvent(event, promise: promise) }
        if busyCount == 0 { context.close(promise: nil) }
        promise?.succeed()
    }

    private func check(_ context: ChannelHandlerContext) {
        let now = context.eventLoop.now
        noteSending(context, now)
        if hasMoved {
            (movedAt, hasMoved) = (now, false)
        }
        // A stream that is closed takes itself out.
        for stream in Array(streams.values) { stream.check(now) }
        let isLate =
            isShakingHands && now - startedAt >= limits.handshakeTimeMax
            || busyCount == 0 && now - movedAt >= limits.idleTimeMax
            || now - sentAt >= limits.unreadTimeMax
        if isLate { context.close(promise: nil) }
    }

    private func noteSending(_ context: ChannelHandlerContext, _ now: NIODeadline) {
        let bufferedBytes = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        let sent = writtenBytes &- bufferedBytes
        if sent != sentBytes {
            sentBytes = sent
            sentAt = now
            // Answers to pings are no answers to requests.
            hasMoved = hasMoved || !isMultiplexed || !streams.isEmpty
        } else if bufferedBytes == 0 {
            sentAt = now
        }
    }
}

/// What the other handlers tell.
extension ConnectionDeadlines {
    /// Closes the connection at once, without TLS's farewell.
    func hangUp() {
        context?.close(promise: nil)
    }

    func noteMove() {
        hasMoved = true
    }

    func changeBusy(by change: Int) {
        busyCount += change
        connection.use = busyCount > 0 ? .present : .past
    }

    func insert(_ stream: RequestProgress) {
        streams[ObjectIdentifier(stream)] = stream
    }

    func remove(_ stream: RequestProgress) {
        streams[ObjectIdentifier(stream)] = nil
    }
}
