import Engine

/// What the template `keys` names.
struct KeyListModel: Sendable {
    /// What was sent, where it is to be sent again.
    struct Form: Sendable {
        var kind = "secret"
        var label = ""
        var origins = ""
        var errors: [String] = []
    }

    struct Row: Sendable {
        let id: String
        let label: String
        let kind: String
        let origins: [String]
        let isOwn: Bool
        let isActive: Bool
        let state: String
        let stateText: String
        let made: String
        let madeISO: String
        let used: PageMoment?
    }

    struct Kind: Sendable {
        let value: String
        let text: String
        let isSelected: Bool
    }

    private static let kinds = [
        ("secret", "for your servers: full access to the tenant, and sign-in here"),
        ("publishable", "for browsers: sends events and consent, reads nothing"),
        ("privacy", "for data-request tools: privacy routes only"),
    ]

    let rows: [Row]
    let kinds: [Kind]
    let formToken: String
    let formLabel: String
    let formOrigins: String
    let hasErrors: Bool
    let errors: [String]

    init(_ keys: [KeyDocument], form: Form, own: String, formToken: String, now: Timestamp) {
        rows = keys.map { Row($0, own: own, now: now) }.sorted { left, right in
            if left.isActive != right.isActive { return left.isActive }
            return left.madeISO != right.madeISO ? left.madeISO > right.madeISO : left.id < right.id
        }
        kinds = Self.kinds.map { Kind(value: $0.0, text: $0.1, isSelected: $0.0 == form.kind) }
        self.formToken = formToken
        formLabel = form.label
        formOrigins = form.origins
        errors = form.errors
        hasErrors = !form.errors.isEmpty
    }
}

extension KeyListModel.Row {
    fileprivate init(_ key: KeyDocument, own: String, now: Timestamp) {
        let endsAt = key.expiresAt.flatMap { Timestamp(rfc3339: $0) }
        let hasEnded = key.revokedAt != nil || endsAt.map { $0 <= now } ?? false
        id = key.id
        label = key.label.isEmpty ? "No label" : key.label
        kind = key.kind
        origins = key.origins
        isOwn = key.id == own
        isActive = !hasEnded
        switch (key.revokedAt, endsAt) {
        case (.some, _): (state, stateText) = ("bad", "Revoked")
        case (nil, let end?) where end <= now: (state, stateText) = ("off", "Expired")
        case (nil, let end?): (state, stateText) = ("warn", "Expires in \(PageText.duration(seconds: Int(end.seconds(since: now))))")
        case (nil, nil): (state, stateText) = ("good", "Active")
        }
        madeISO = key.createdAt
        made = Timestamp(rfc3339: key.createdAt).map { PageText.ago($0, now: now) } ?? key.createdAt
        used = key.lastUsedAt.flatMap { Timestamp(rfc3339: $0) }.map { PageMoment($0, now: now) }
    }
}
