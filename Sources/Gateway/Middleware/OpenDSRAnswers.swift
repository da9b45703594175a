import Engine
import HTTPTypes
import Hummingbird
import NIOCore

/// Signs the answers of OpenDSR over the exact bytes of their bodies. As a middleware it does so for refusals, which get the protocol's own
/// form besides that of a problem document, and are 400 where a body's content is wrong.
struct OpenDSRAnswers: RouterMiddleware {
    private let openDSR: OpenDSR

    init(_ openDSR: OpenDSR) {
        self.openDSR = openDSR
    }

    @concurrent
    func handle(
        _ request: Request, context: GatewayContext, next: @concurrent (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            var problem = Problem(error)
            // A fault of ours is logged, and answered, as any.
            guard problem.status.code < 500 else { throw error }
            // What is wrong with an `Idempotency-Key` that was used before is not the content.
            if problem.status == .unprocessableContent, !problem.violations.isEmpty { problem = problem.with(status: .badRequest) }
            problem.isForOpenDSR = true
            let response = problem.response
            return try await signed(
                response.status, response.headers, Array(problem.document.readableBytesView), isLegacy: request.uri.path.hasPrefix("/v1/"))
        }
    }

    /// An answer with the headers that prove it.
    func signed(
        _ status: HTTPResponse.Status, _ headers: HTTPFields, _ body: [UInt8], isLegacy: Bool
    ) async throws(EngineError) -> Response {
        let signature = try await openDSR.signature(of: body)
        var headers = headers
        headers.append(HTTPField(name: isLegacy ? .openGDPRDomain : .openDSRDomain, value: signature.domain))
        headers.append(HTTPField(name: isLegacy ? .openGDPRSignature : .openDSRSignature, value: signature.base64))
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}
