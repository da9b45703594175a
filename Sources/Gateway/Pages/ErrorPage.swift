import Engine
import HTTPTypes
import Hummingbird

/// A problem as a page, for browsers; everyone else gets the problem document.
enum ErrorPage {
    private struct Model: Sendable {
        let status: Int
        let heading: String
        let text: String
        let hasViolations: Bool
        let violations: [String]
        let back: String
        let backText: String
    }

    /// - Parameter session: The session of the request's cookie, asked for only when there is a page to make. A signed-in operator
    ///   keeps the navigation.
    /// - Returns: nil where the client asks for no page, or for something under the API's paths.
    static func response(to problem: Problem, of request: Request, session: () -> OperatorSession?) -> Response? {
        guard request.headers[.accept]?.contains("text/html") ?? false, !isForPrograms(request.uri.path) else { return nil }
        let session = session()
        let place = session == nil ? nil : PageFrame.place(of: request.uri.path)
        let back =
            switch (problem.status, place) {
            case (.unauthorized, _): ("/login", "Sign in")
            case (_, let place?): (place.path, "Back to \(place.name)")
            case (_, nil): ("/", session == nil ? "Sign in" : "Back to Overview")
            }
        let model = Model(
            status: problem.status.code, heading: heading(problem.status), text: problem.detail, hasViolations: !problem.violations.isEmpty,
            violations: problem.violations.map { "\($0.pointer.dropFirst()) \($0.detail)" }, back: back.0, backText: back.1)
        let frame = PageFrame(title: model.heading, place: place?.path, session: session, isNarrow: true)
        guard var response = try? PageLibrary.shared.page("error", model, in: frame, status: problem.status) else { return nil }
        for field in problem.headers { response.headers.append(field) }
        return response
    }

    private static func isForPrograms(_ path: String) -> Bool {
        ["/api/", "/v1/", "/v2/", "/tenants/", "/.well-known/"].contains { path.hasPrefix($0) && !path.hasPrefix("/api/ui-dashboard/") }
    }

    private static func heading(_ status: HTTPResponse.Status) -> String {
        switch status.code {
        case 401: "Sign in to continue"
        case 403: "Not allowed"
        case 404: "Page not found"
        case 409: "This action is blocked"
        case 422: "Something isn’t right"
        case 429: "Too many requests"
        case 500: "Something went wrong"
        case 503: "Temporarily unavailable"
        default: status.reasonPhrase
        }
    }
}
