/// What a call into the engine can end in besides its answer; says what the caller can do about it.
package struct EngineError: Error, Sendable, Equatable {
    package enum Code: Sendable, Equatable {
        /// No credential, or one that does not verify. Authenticate again.
        case unauthenticated
        /// The credential is good and may not do this.
        case forbidden
        /// There is no such thing in this tenant.
        case notFound
        /// Another state stands in the way: an equal name, a request still running.
        case conflict
        /// `If-Match` named a version that is no longer the present one. Read again.
        case preconditionFailed
        /// The request's content is wrong; `violations` says where.
        case invalid
        /// Too many requests. Try again after `retryAfterSeconds`.
        case rateLimited
        /// The store cannot commit or is not there. Try again after `retryAfterSeconds`.
        case unavailable
        /// A stored record fails its integrity check. Trying again does not help.
        case damaged
        /// A mistake of ours.
        case internalError
    }

    /// One thing that is wrong with a request.
    package struct Violation: Sendable, Equatable {
        /// JSON Pointer (RFC 6901) into the request body; a query or path parameter's name behind a slash.
        package let pointer: String
        /// Static text without any of the user's content.
        package let detail: String

        package init(pointer: String, detail: String) {
            self.pointer = pointer
            self.detail = detail
        }
    }

    package let code: Code
    /// Static text; never holds content, names or keys.
    package let detail: String
    package var violations: [Violation] = []
    package var retryAfterSeconds: Int?

    package init(_ code: Code, _ detail: String, violations: [Violation] = [], retryAfterSeconds: Int? = nil) {
        self.code = code
        self.detail = detail
        self.violations = violations
        self.retryAfterSeconds = retryAfterSeconds
    }

    package static func invalid(_ pointer: String, _ detail: String) -> EngineError {
        EngineError(.invalid, "The request's content is invalid.", violations: [Violation(pointer: pointer, detail: detail)])
    }

    package static func invalid(_ violations: [Violation]) -> EngineError {
        EngineError(.invalid, "The request's content is invalid.", violations: violations)
    }
}
