import Engine

/// What the providers have in common: sending, and telling what went wrong from the status.
///
/// Nothing of a request or of an answer's text enters a failure.
struct AIExchange: Sendable {
    let http: OutboundHTTP
    /// Signatures and dates in `Retry-After` need the wall clock.
    let clock: @Sendable () -> Timestamp

    /// - Returns: The body of a 200.
    func body(answering request: OutboundRequest, timeLimit: Duration) async throws(AIFailure) -> [UInt8] {
        let answer: OutboundAnswer
        do throws(OutboundFailure) {
            answer = try await http.send(request, timeLimit: timeLimit)
        } catch {
            throw Self.failure(for: error)
        }
        let retryAfter = RetryAfter.duration(answer[header: "retry-after"], now: clock())
        if let failure = Self.failure(status: answer.status, retryAfter: retryAfter) { throw failure }
        return answer.body
    }

    static func failure(for failure: OutboundFailure) -> AIFailure {
        switch failure {
        case .timedOut: AIFailure(.timedOut)
        case .unreachable: AIFailure(.unavailable)
        case .answerTooLong: AIFailure(.invalidAnswer)
        }
    }

    static func failure(status: Int, retryAfter: Duration?) -> AIFailure? {
        switch status {
        case 200: nil
        case 201..<300: AIFailure(.invalidAnswer)
        case 401, 403: AIFailure(.forbidden)
        // Bedrock's ModelTimeoutException and ModelErrorException: the model's trouble, not the request's.
        case 408, 424: AIFailure(.unavailable, retryAfter: retryAfter)
        case 429: AIFailure(.throttled, retryAfter: retryAfter)
        case 500..<600: AIFailure(.unavailable, retryAfter: retryAfter)
        // Redirects too: the prompt goes where the operator said and nowhere else.
        default: AIFailure(.refused)
        }
    }

    /// A service's count of tokens; budgets are kept by it, so a wrong one is a wrong answer.
    /// - Parameter bytes: What was counted: without a count three bytes are taken for a token, which is seldom too few.
    static func tokens(_ value: JSONSlice?, ofBytes bytes: Int) throws(AIFailure) -> Int {
        guard let value, !value.isNull else { return min((bytes + 2) / 3, ConnectorLimits.tokensMax) }
        guard let count = value.integer, 0...ConnectorLimits.tokensMax ~= count else { throw AIFailure(.invalidAnswer) }
        return count
    }

    /// The schema is put into bodies as it stands: what is no JSON object would change their shape.
    static func requireObject(_ schema: String) throws(AIFailure) {
        guard JSONSlice(Array(schema.utf8))?.isObject == true else { throw AIFailure(.refused) }
    }
}
