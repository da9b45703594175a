import Engine

/// The body `{"items":[…]}` of `POST /api/personalization/batch`.
struct PersonalizationBatchBody {
    /// An item as it stands in the body: its id, and what it says or why it is refused.
    struct Entry {
        let id: String?
        let item: Result<PersonalizationItem, Refusal>
    }

    enum Refusal: String, Error {
        case invalid, id, timestamp
    }

    let entries: [Entry]

    /// - Throws: `.invalid` for a body without items, or with too many.
    init(_ root: JSONView, now: Timestamp) throws(EngineError) {
        guard let items = root.member("items"), items.kind == .array else { throw .invalid("/items", "must be an array") }
        let elements = items.elements
        guard elements.count <= Limits.personalizationItemsPerBatchMax else {
            throw .invalid("/items", "must hold at most \(Limits.personalizationItemsPerBatchMax) items")
        }
        entries = elements.map { Entry(id: $0.member("id")?.string, item: Self.item($0, now: now)) }
    }

    private static func item(_ view: JSONView, now: Timestamp) -> Result<PersonalizationItem, Refusal> {
        guard view.kind == .object, !view.isSpoiled else { return .failure(.invalid) }
        guard let named = view.member("userId"), let text = named.string ?? named.integer.map(String.init), let user = try? UserID(text),
            text != "me", !PlaceholderIDs.isArtefact(text)
        else { return .failure(.id) }
        let fact: PersonalizationItem.Fact
        switch view.member("type")?.string {
        case "feature-usage":
            guard let feature = view.member("feature")?.string else { return .failure(.invalid) }
            let written = view.member("at")
            let at = written?.moment
            guard written == nil || at != nil else { return .failure(.timestamp) }
            fact = .feature(feature, at: at)
        case "content-preference":
            guard let contentType = view.member("contentType")?.string, let success = view.member("success")?.bool else {
                return .failure(.invalid)
            }
            fact = .content(contentType, success: success)
        default: return .failure(.invalid)
        }
        do throws(EngineError) {
            return .success(try PersonalizationItem(id: view.member("id")?.string, user: user, fact: fact, now: now))
        } catch {
            return .failure(error.violations.first?.pointer == "/at" ? .timestamp : .invalid)
        }
    }
}
