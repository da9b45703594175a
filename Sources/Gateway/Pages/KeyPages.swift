import Engine
import Hummingbird

/// The tenant's API keys: made, rotated, revoked.
///
/// | method | path | permission |
/// | --- | --- | --- |
/// | GET, POST | `/keys` | a session |
/// | GET, POST | `/keys/{keyId}/rotate` | a session |
/// | GET, POST | `/keys/{keyId}/revoke` | a session |
struct KeyPages {
    private struct NewKey: Sendable {
        let heading: String
        let kind: String
        let id: String
        let key: String
        let note: String?
        let exampleIntro: String
        let example: String
    }

    private struct Confirmation: Sendable {
        struct Overlap: Sendable {
            let value: Int
            let text: String
            let isSelected: Bool
        }

        let heading: String
        let text: String
        let warning: String?
        let action: String
        let formToken: String
        let asksOverlap: Bool
        let overlaps: [Overlap]
        let buttonClass: String
        let button: String
    }

    private static let overlaps = [(0, "No time (stop it now)"), (3600, "1 hour"), (86_400, "1 day"), (604_800, "1 week")]

    let engine: AttuneEngine

    func add(to routes: some RouterMethods<OperatorContext>) {
        routes.get("keys", use: list)
        routes.post("keys", use: create)
        routes.get("keys/{keyId}/rotate", use: confirmRotation)
        routes.post("keys/{keyId}/rotate", use: rotate)
        routes.get("keys/{keyId}/revoke", use: confirmRevocation)
        routes.post("keys/{keyId}/revoke", use: revoke)
    }

    private func list(_ request: Request, _ context: OperatorContext) async throws -> Response {
        try listPage(context, KeyListModel.Form(), status: .ok)
    }

    private func create(_ request: Request, _ context: OperatorContext) async throws -> Response {
        let sent = try await PageForm(request, of: context.session)
        var form = KeyListModel.Form()
        form.kind = try sent.text("kind") ?? ""
        form.label = try sent.text("label") ?? ""
        form.origins = try sent.text("origins") ?? ""
        do {
            let origins = form.origins.split { $0.isNewline || $0 == " " || $0 == "," }.map(String.init)
            let made = try await engine.keys.create(context.scope, kind: form.kind, label: form.label, origins: origins)
            return try newKeyPage(made, "Key created", note: nil, context, status: .created)
        } catch let error as EngineError where error.code == .invalid {
            form.errors = error.violations.map { "\($0.pointer.dropFirst()) \($0.detail)" }
            return try listPage(context, form, status: .unprocessableContent)
        }
    }

    private func confirmRotation(_ request: Request, _ context: OperatorContext) async throws -> Response {
        let key = try engine.keys.key(context.scope, id: context.keyID)
        return try confirm(
            Confirmation(
                heading: "Rotate \(Self.name(key))?",
                text:
                    "This creates a new key with the same settings. Keep the old one working until your services have switched.",
                warning: key.id == context.session.keyID ? "You are signed in with this key. Your session ends when the key does." : nil,
                action: "/keys/\(key.id)/rotate", formToken: try context.session.formToken(), asksOverlap: true,
                overlaps: Self.overlaps.map {
                    Confirmation.Overlap(value: $0.0, text: $0.1, isSelected: $0.0 == Limits.keyOverlapSecondsDefault)
                }, buttonClass: "primary", button: "Rotate key"), context)
    }

    private func rotate(_ request: Request, _ context: OperatorContext) async throws -> Response {
        let form = try await PageForm(request, of: context.session)
        let overlap = try form.text("overlapSeconds").map { text throws(EngineError) in
            guard let seconds = Int(text) else { throw .invalid("/overlapSeconds", "must be a whole number") }
            return seconds
        }
        let made = try await engine.keys.rotate(context.scope, id: context.keyID, overlapSeconds: overlap)
        let seconds = overlap ?? Limits.keyOverlapSecondsDefault
        let duration = PageText.duration(seconds: seconds)
        let note = seconds == 0 ? "The old key no longer works." : "The old key keeps working for \(duration)."
        return try newKeyPage(made, "Key rotated", note: note, context, status: .created)
    }

    private func confirmRevocation(_ request: Request, _ context: OperatorContext) async throws -> Response {
        let key = try engine.keys.key(context.scope, id: context.keyID)
        let lastUse = key.lastUsedAt.flatMap { Timestamp(rfc3339: $0) }.map { PageText.ago($0, now: context.scope.now) }
        let use = lastUse.map { "It was last used \($0)." } ?? "It has never been used."
        return try confirm(
            Confirmation(
                heading: "Revoke \(Self.name(key))?",
                text: "The key stops working immediately, and you can’t undo this. \(use)",
                warning: key.id == context.session.keyID ? "You are signed in with this key. Your session ends immediately." : nil,
                action: "/keys/\(key.id)/revoke", formToken: try context.session.formToken(), asksOverlap: false, overlaps: [],
                buttonClass: "destructive", button: "Revoke key"), context)
    }

    private func revoke(_ request: Request, _ context: OperatorContext) async throws -> Response {
        _ = try await PageForm(request, of: context.session)
        _ = try await engine.keys.revoke(context.scope, id: context.keyID)
        return .seeOther("/keys")
    }

    private static func name(_ key: KeyDocument) -> String { key.label.isEmpty ? "the key \(key.id)" : "“\(key.label)” (\(key.id))" }
}

/// Answers.
extension KeyPages {
    private func listPage(_ context: OperatorContext, _ form: KeyListModel.Form, status: HTTPResponse.Status) throws -> Response {
        let model = KeyListModel(
            try engine.keys.list(context.scope), form: form, own: context.session.keyID, formToken: try context.session.formToken(),
            now: context.scope.now)
        return try PageLibrary.shared.page(
            "keys", model, in: PageFrame(title: "Keys", place: "/keys", session: context.session), status: status)
    }

    private func newKeyPage(
        _ made: NewKeyDocument, _ heading: String, note: String?, _ context: OperatorContext, status: HTTPResponse.Status
    ) throws -> Response {
        let example = example(made)
        let model = NewKey(
            heading: heading, kind: made.kind, id: made.id, key: made.key, note: note, exampleIntro: example.intro, example: example.text)
        return try PageLibrary.shared.page(
            "newkey", model, in: PageFrame(title: heading, place: "/keys", session: context.session), status: status)
    }

    /// What to do with the key first.
    private func example(_ made: NewKeyDocument) -> (intro: String, text: String) {
        let url = engine.publicURL.text
        switch made.kind {
        case "publishable":
            let script = "<script async src=\"\(url)/attune.js\" data-key=\"\(made.key)\"></script>"
            return ("To track visits, add this line to your pages:", script)
        case "privacy": return ("Try it:", "curl -u \(made.key): \(url)/api/privacy/requests")
        default: return ("Try it:", "curl -u \(made.key): \(url)/api/playbook")
        }
    }

    private func confirm(_ model: Confirmation, _ context: OperatorContext) throws -> Response {
        try PageLibrary.shared.page("confirm", model, in: PageFrame(title: model.button, place: "/keys", session: context.session))
    }
}
