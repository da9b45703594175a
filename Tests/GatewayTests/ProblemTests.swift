import Engine
import Gateway
import HTTPTypes
import NIOCore
import Testing

@Suite("Problem")
struct ProblemTests {
    private struct Unexpected: Error { let secret = "u1@example.org" }

    @Test(
        "gives every code its status",
        arguments: [
            (.unauthenticated, 401), (.forbidden, 403), (.notFound, 404), (.conflict, 409), (.preconditionFailed, 412), (.invalid, 422),
            (.rateLimited, 429), (.unavailable, 503), (.damaged, 500), (.internalError, 500),
        ] as [(EngineError.Code, Int)])
    func statuses(_ code: EngineError.Code, _ status: Int) {
        #expect(Problem(EngineError(code, "x")).status.code == status)
    }

    @Test("writes what RFC 9457 says, with pointers")
    func document() {
        let problem = Problem(EngineError.invalid("/a~1b", "is missing"))
        #expect(
            String(buffer: problem.document)
                == #"{"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"The request's content is invalid.","#
                + #""errors":[{"pointer":"/a~1b","detail":"is missing"}]}"#)
    }

    @Test("says nothing of our faults")
    func faults() {
        let damaged = Problem(EngineError(.damaged, "record at page 7"))
        #expect(damaged == Problem(EngineError(.internalError, "assertion")))
        #expect(damaged == Problem(Unexpected()))
    }

    @Test("carries the fields that the status asks for")
    func fields() {
        #expect(Problem(EngineError(.unauthenticated, "x")).headers[.wwwAuthenticate] == "Bearer realm=\"attune\"")
        #expect(Problem(EngineError(.unavailable, "x", retryAfterSeconds: 7)).headers[.retryAfter] == "7")
        #expect(Problem(EngineError(.rateLimited, "x")).headers[.retryAfter] == "1")
    }

    @Test("asks to try again where the work was cancelled")
    func cancelled() {
        let problem = Problem(CancellationError())
        #expect(problem.status.code == 503 && problem.headers[.retryAfter] == "1")
    }

    @Test("takes visible ASCII for an Idempotency-Key, up to 256 bytes")
    func idempotencyKeys() throws {
        let name = try #require(HTTPField.Name("Idempotency-Key"))
        #expect(try IdempotentCall.key(of: [:]) == nil)
        #expect(try IdempotentCall.key(of: [name: "a~!"]) == "a~!")
        #expect(try IdempotentCall.key(of: [name: String(repeating: "k", count: 256)])?.count == 256)
        for bad in ["", "a b", "é", String(repeating: "k", count: 257)] {
            #expect(throws: EngineError.self) { try IdempotentCall.key(of: [name: bad]) }
        }
    }
}
