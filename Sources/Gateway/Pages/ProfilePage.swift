import Engine
import Hummingbird

/// One user: what is kept, the dashboard as the user sees it with why each entry is there, and a timeline.
///
/// | method | path | permission |
/// | --- | --- | --- |
/// | GET | `/profiles/{userId}` | a session |
struct ProfilePage {
    let engine: AttuneEngine

    func add(to routes: some RouterMethods<OperatorContext>) {
        routes.get("profiles/{userId}", use: profile)
    }

    private func profile(_ request: Request, _ context: OperatorContext) async throws -> Response {
        let reference = try UserReference(pathSegment: context.parameters["userId"] ?? "")
        let view = try await engine.profileViews.view(context.scope, reference)
        let model = ProfilePageModel(view, now: context.scope.now, baseURL: engine.publicURL.text)
        return try PageLibrary.shared.page(
            "profile", model, in: PageFrame(title: view.user.text, place: "/profiles", session: context.session))
    }

    /// The path of a user's page; nil for `.` and `..`, which browsers take for steps of a path however they are written.
    static func link(_ user: UserID) -> String? {
        let segment = PercentEncoding.component(bytes: user.bytes)
        return segment == "." || segment == ".." ? nil : "/profiles/\(segment)"
    }
}
