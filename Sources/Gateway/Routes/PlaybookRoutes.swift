import Engine
import Hummingbird
import NIOCore

/// The tenant's playbook: its features, content types, insights and rules.
///
/// | method | path | permission |
/// | --- | --- | --- |
/// | GET | `/api/playbook` | managePlaybook |
/// | PUT | `/api/playbook` | managePlaybook |
struct PlaybookRoutes {
    private let playbooks: Playbooks

    init(_ engine: AttuneEngine) {
        playbooks = engine.playbooks
    }

    func add(to routes: some RouterMethods<TenantContext>) {
        routes.group("api/playbook")
            .get(use: playbook)
            .put(use: replace)
    }

    private func playbook(_ request: Request, _ context: TenantContext) async throws -> Response {
        let playbook = try await playbooks.playbook(context.scope)
        let tag = context.scope.entityTag(playbook.version)
        if EntityTag.isUnmodified(tag, headers: request.headers) { return .notModified(tag) }
        return .json(tag: context.scope.entityTag(playbook.version), body: ByteBuffer(bytes: playbook.value))
    }

    private func replace(_ request: Request, _ context: TenantContext) async throws -> Response {
        try context.scope.authorize(.managePlaybook)
        let content = try await request.jsonContent()
        let bytes = Array(content.readableBytesView)
        guard JSONTape(bytes) != nil else { throw Problem.malformedJSON }
        let playbook = try await playbooks.replace(
            context.scope, with: bytes, if: EntityTag.precondition(of: request.headers))
        return .json(tag: context.scope.entityTag(playbook.version), body: ByteBuffer(bytes: playbook.value))
    }
}
