import NIOCore
import NIOHTTPTypes

/// Closes connections whose client drips a body forever.
///
/// Silence is the server's idle timeout; this is for those who are never silent. It looks at the clock when bytes come and sets no timer.
final class RequestReadDeadline: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart

    private let limit: TimeAmount
    private var deadline: NIODeadline?

    init(limit: TimeAmount = .seconds(GatewayLimits.bodySecondsMax)) {
        self.limit = limit
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: deadline = nil
        case .body:
            let now = NIODeadline.now()
            if let deadline, now > deadline { return context.close(promise: nil) }
            // Most bodies come in one part; the clock starts with it.
            if deadline == nil { deadline = now + limit }
        case .end: deadline = nil
        }
        context.fireChannelRead(data)
    }
}
