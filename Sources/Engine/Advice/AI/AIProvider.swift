/// A service that writes an answer of a given shape: the engine asks, `Connectors` speaks its protocol.
///
/// One call is one try: tries, deadlines over all of them, the breaker and the budget are the engine's.
package protocol AIProvider: Sendable {
    /// Names the model in what an answer was made from; a changed model makes cached answers stale.
    var model: String { get }

    /// Asks once.
    /// - Parameter timeLimit: Counted from the call; when it is over, the call ends with `.timedOut`, whatever the service does.
    func complete(_ request: AIRequest, timeLimit: Duration) async throws(AIFailure) -> AICompletion
}

/// What is asked: instructions that are ours, data that is not, and the shape of the answer.
package struct AIRequest: Sendable, Equatable {
    /// Instructions; nothing from outside stands in them.
    package var instructions: String
    /// The data to work on, as one JSON document.
    package var data: String
    /// Names the answer's shape: letters, digits and `_`.
    package var schemaName: String
    /// JSON Schema of the answer, an object.
    package var schema: String
    /// At most so many tokens of answer.
    package var outputTokensMax: Int

    package init(instructions: String, data: String, schemaName: String, schema: String, outputTokensMax: Int) {
        self.instructions = instructions
        self.data = data
        self.schemaName = schemaName
        self.schema = schema
        self.outputTokensMax = outputTokensMax
    }
}

/// A finished answer: well-formed JSON; whether it fits the schema is for the engine to see.
package struct AICompletion: Sendable, Equatable {
    package var json: [UInt8]
    /// As the service counted them.
    package var inputTokens: Int
    package var outputTokens: Int

    package init(json: [UInt8], inputTokens: Int, outputTokens: Int) {
        self.json = json
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
    }
}

/// Why one try gave no answer.
package struct AIFailure: Error, Sendable, Equatable {
    package enum Reason: String, Sendable, CaseIterable {
        /// 400 and its like: the request is wrong, which is our mistake; sending it again helps nobody.
        case refused
        /// 401, 403: the credentials are not good for it; only an operator can help.
        case forbidden
        /// 429: later, see `retryAfter`.
        case throttled
        /// 5xx, or the connection failed or was cut off.
        case unavailable
        /// The time limit was over first.
        case timedOut
        /// The service stopped before it had finished, or what it sent is no JSON or too long.
        case invalidAnswer
    }

    package var reason: Reason
    /// What the service asked to wait.
    package var retryAfter: Duration?

    package init(_ reason: Reason, retryAfter: Duration? = nil) {
        self.reason = reason
        self.retryAfter = retryAfter
    }
}
