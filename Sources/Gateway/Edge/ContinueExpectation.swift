import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Answers `Expect: 100-continue` (RFC 9110, 10.1.1) with 100, so that clients that wait for it send their body at once.
///
/// A body that is announced to be too long gets no 100: its 413 comes instead. Requests may be pipelined, and a 100 may not come
/// into the middle of an earlier answer: it waits for that to end.
final class ContinueExpectation: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// For each request that has not been answered, oldest first, whether it waits for a 100.
    private var unanswered = CircularBuffer<Bool>()

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head(let request) = unwrapInboundIn(data) {
            unanswered.append(Self.expectsContinue(request))
            if unanswered.count == 1 { continueFirst(context) }
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let part = unwrapOutboundIn(data)
        context.write(data, promise: promise)
        switch part {
        case .head:
            // The final answer has begun: too late for a 100.
            if unanswered.first == true { unanswered[unanswered.startIndex] = false }
        case .body: break
        case .end:
            _ = unanswered.popFirst()
            continueFirst(context)
        }
    }

    private func continueFirst(_ context: ChannelHandlerContext) {
        guard unanswered.first == true else { return }
        unanswered[unanswered.startIndex] = false
        context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
    }

    private static func expectsContinue(_ request: HTTPRequest) -> Bool {
        guard let expectation = request.headerFields[.expect], expectation.lowercased() == "100-continue" else { return false }
        let announcedBytes = request.headerFields[.contentLength].flatMap { Int($0) } ?? 0
        return announcedBytes <= GatewayLimits.bodyBytesMax
    }
}
