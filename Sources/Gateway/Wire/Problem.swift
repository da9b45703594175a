package import Engine
package import HTTPTypes
import Hummingbird

/// An error as the client sees it: a problem document (RFC 9457).
///
/// Its text is static and says nothing of what was sent, stored or thrown.
package struct Problem: Error, Sendable, Equatable {
    package let status: HTTPResponse.Status
    package let detail: String
    package var violations: [EngineError.Violation] = []
    /// Fields that the status asks for: `WWW-Authenticate`, `Retry-After`, `Allow`.
    package var headers = HTTPFields()
    /// Whether the document also has the members that clients of the tracking protocol look for: `code` and `message`.
    package var isForTracking = false
    /// Whether it also has the member `error` of OpenDSR.
    package var isForOpenDSR = false

    package init(_ status: HTTPResponse.Status, _ detail: String, headers: HTTPFields = [:]) {
        self.status = status
        self.detail = detail
        self.headers = headers
    }

    /// The same with another status.
    func with(status: HTTPResponse.Status) -> Problem {
        var problem = Problem(status, detail, headers: headers)
        problem.violations = violations
        return problem
    }

    /// The same with what clients of the tracking protocol look for.
    var forTracking: Problem {
        var problem = self
        problem.isForTracking = true
        return problem
    }

    /// The one place where errors become answers.
    package init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let error as EngineError: self.init(error)
        case let error as HTTPError: self.init(error.status, error.status.reasonPhrase)
        case is CancellationError:
            // A drain that came to its end, or a client that went away: nothing is wrong with the request or with us.
            self.init(.serviceUnavailable, "The request was interrupted.", headers: [.retryAfter: "1"])
        default: self.init(.internalServerError, Self.internalDetail)
        }
    }

    package init(_ error: EngineError) {
        self.init(Self.status(of: error.code), Self.isOurFault(error.code) ? Self.internalDetail : error.detail)
        violations = error.violations
        switch error.code {
        case .unauthenticated: headers[.wwwAuthenticate] = "Bearer realm=\"attune\""
        case .unavailable, .rateLimited: headers[.retryAfter] = String(error.retryAfterSeconds ?? 1)
        default: break
        }
    }

    private static let internalDetail = "The request could not be answered."

    private static func isOurFault(_ code: EngineError.Code) -> Bool {
        code == .damaged || code == .internalError
    }

    private static func status(of code: EngineError.Code) -> HTTPResponse.Status {
        switch code {
        case .unauthenticated: .unauthorized
        case .forbidden: .forbidden
        case .notFound: .notFound
        case .conflict: .conflict
        case .preconditionFailed: .preconditionFailed
        case .invalid: .unprocessableContent
        case .rateLimited: .tooManyRequests
        case .unavailable: .serviceUnavailable
        case .damaged, .internalError: .internalServerError
        }
    }
}

extension Problem {
    package static let notFound = Problem(.notFound, "There is nothing here.")
    static let tooLarge = Problem(.contentTooLarge, "The body is larger than this route takes.")
    static let eventTooLarge = Problem(.contentTooLarge, "The event is larger than 32 KB.")
    static let batchTooLarge = Problem(.contentTooLarge, "The batch holds more than 2,500 events.")
    static let unsupportedMediaType = Problem(.unsupportedMediaType, "The body's content type is not one that this route takes.")
    static let unsupportedCoding = Problem(
        .unsupportedMediaType, "The body's content coding is not one that this route takes.", headers: [.acceptEncoding: "identity"])
    static let malformedGzip = Problem(.badRequest, "The body is not valid gzip.")
    static let emptyBody = Problem(.badRequest, "This route needs a body.")
    static let malformedJSON = Problem(.badRequest, "The body is not valid JSON in UTF-8.")
    package static let malformedTarget = Problem(.badRequest, "The path or query holds bytes that must be percent-encoded.")
}
