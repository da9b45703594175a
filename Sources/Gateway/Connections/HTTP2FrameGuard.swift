import NIOCore
import NIOTLS

/// Cuts off clients that flood an HTTP/2 connection with frames that cost work and bring nothing: WINDOW_UPDATE, GOAWAY, and types that
/// HTTP/2 does not know. NIOHTTP2 bounds the others: SETTINGS, PING, PRIORITY, RST_STREAM, CONTINUATION and empty DATA.
///
/// It stands behind TLS, reads frames' lengths and types (RFC 9113, 4.1), and charges such frames to an allowance. Requests and bytes of
/// answers add to the allowance: whoever takes answers has to open windows.
final class HTTP2FrameGuard: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private static let prefaceBytes = 24
    private static let allowanceStart = 1000
    private static let allowanceMax = 10_000
    private static let allowancePerSecond = 20
    /// Windows of stream and connection, and RFC 9218's PRIORITY_UPDATE, with some to spare.
    private static let allowancePerRequest = 8
    /// Answers' bytes for one frame more: clients open two windows for each DATA frame, which may be small.
    private static let bytesPerAllowance = 128
    /// GOAWAY (section 6.8) with ENHANCE_YOUR_CALM (section 7); what streams were handled is not said.
    private static let goAway: [UInt8] = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0x0B]

    private let deadlines: ConnectionDeadlines
    private var isHTTP2 = false
    private var isCutOff = false
    private var allowance = HTTP2FrameGuard.allowanceStart
    private var chargedAt: NIODeadline?
    private var writtenBytes = 0
    /// Of the bytes to come, how many are not looked at.
    private var skippedBytes = HTTP2FrameGuard.prefaceBytes
    /// A frame's length and type, as far as they have come.
    private var prefix: UInt32 = 0
    private var prefixBytes = 0

    init(_ deadlines: ConnectionDeadlines) {
        self.deadlines = deadlines
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted(let negotiated) = event as? TLSUserEvent {
            isHTTP2 = negotiated == "h2"
            deadlines.isShakingHands = false
            deadlines.isMultiplexed = isHTTP2
        }
        context.fireUserInboundEventTriggered(event)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if isHTTP2 { writtenBytes &+= unwrapOutboundIn(data).readableBytes }
        context.write(data, promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard isHTTP2 else { return context.fireChannelRead(data) }
        guard !isCutOff else { return }
        guard admits(unwrapInboundIn(data), now: context.eventLoop.now) else {
            isCutOff = true
            context.writeAndFlush(wrapOutboundOut(.byteBuffer(ByteBuffer(bytes: Self.goAway))), promise: nil)
            // TLS would wait for the client's farewell, and read its frames meanwhile.
            return deadlines.hangUp()
        }
        context.fireChannelRead(data)
    }

    private func admits(_ buffer: ByteBuffer, now: NIODeadline) -> Bool {
        let bytes = buffer.readableBytesView
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if skippedBytes > 0 {
                let count = min(skippedBytes, bytes.endIndex - index)
                skippedBytes -= count
                index += count
                continue
            }
            prefix = prefix << 8 | UInt32(bytes[index])
            prefixBytes += 1
            index += 1
            guard prefixBytes == 4 else { continue }
            prefixBytes = 0
            let payloadBytes = Int(prefix >> 8)
            // Behind length and type come flags and the stream's number.
            skippedBytes = 5 + payloadBytes
            guard admits(type: UInt8(truncatingIfNeeded: prefix), payloadBytes, now) else { return false }
        }
        return true
    }

    private func admits(type: UInt8, _ payloadBytes: Int, _ now: NIODeadline) -> Bool {
        switch type {
        case 0x1: earn(Self.allowancePerRequest)
        case 0x7, 0x8, 0xA...: return charge(1 + payloadBytes / 1024, now)
        default: break
        }
        return true
    }

    private func charge(_ cost: Int, _ now: NIODeadline) -> Bool {
        let elapsed = chargedAt.map { now - $0 } ?? .zero
        let perSecond = Int(elapsed.nanoseconds / 1_000_000 * Int64(Self.allowancePerSecond) / 1000)
        // Not for every frame: fractions of a second would be lost.
        if chargedAt == nil || perSecond > 0 { chargedAt = now }
        earn(perSecond + writtenBytes / Self.bytesPerAllowance)
        writtenBytes %= Self.bytesPerAllowance
        allowance -= cost
        return allowance >= 0
    }

    private func earn(_ more: Int) {
        allowance = min(allowance + more, Self.allowanceMax)
    }
}
