import Engine

/// The person's page.
struct CenterModel: Sendable {
    let tenant: String
    let minutes: Int
    let hasRows: Bool
    let rows: [CenterRows.Row]
    let mayExport: Bool
    let mayErase: Bool
    let formToken: String
}

/// What a link shows before it is used: one button.
struct CenterLinkModel: Sendable {
    let token: String
}

/// Asks whether everything is to be erased.
struct CenterEraseModel: Sendable {
    let tenant: String
    let total: String
    let isEmpty: Bool
    let formToken: String
}

/// What is held of a person, in words that say something to them.
struct CenterRows: Sendable {
    struct Row: Sendable {
        let name: String
        let count: String
    }

    let all: [Row]

    init(_ kinds: [(kind: String, count: UInt64)]) {
        var rows: [(name: String, count: UInt64)] = []
        for (kind, count) in kinds {
            let name = Self.names[kind] ?? Self.other
            if let place = rows.firstIndex(where: { $0.name == name }) { rows[place].count += count } else { rows.append((name, count)) }
        }
        all = rows.sorted { $0.name < $1.name }.map { Row(name: $0.name, count: PageText.number($0.count)) }
    }

    private static let other = "Technical entries, such as marks against counting twice"

    private static let names = [
        "PersonalizationProfile": "Profile: what you use, your goals, your interests", "Consent": "What you allow",
        "ConsentChange": "What you have allowed and refused so far", "Event": "Events: pages seen and things done",
        "Behavior": "Summary of your visits", "BehaviorDay": "Days, as they are counted", "Session": "Visits",
        "Traits": "What you or the tenant said about you", "Identity": "Which devices and ids are yours",
        "BehavioralProfile": "How engaged you seem", "Advice": "Advice written by AI", "Suggestions": "Advice written by AI",
        "AIExchange": "What was sent to AI about you", "KeptAnswer": "Answers kept for a day against doing things twice",
    ]
}

/// A receipt for the person whom it is about.
struct CenterReceiptModel: Sendable {
    let heading: String
    let text: String
    /// Whether nothing was held.
    let isEmpty: Bool
    let id: String
    let requestedAt: String
    let completedAt: String
    let rows: [CenterRows.Row]
    let download: String
    /// Where the tenant's public keys are.
    let keys: String

    /// - Parameters:
    ///   - base: the public URL.
    ///   - isOperators: whether somebody else than the person looks at it.
    /// - Returns: nil for what says nothing.
    init?(_ receipt: Receipt, keys base: String, download: String, isOperators: Bool = false) {
        guard let said = receipt.said else { return nil }
        isEmpty = said.nothingHeld ?? false
        if isOperators {
            heading = isEmpty ? "Receipt of \(said.action): nothing was held" : "Receipt of \(said.action)"
            text =
                isEmpty
                ? "Nothing was held under this id, so nothing was erased. Check the id before you give this receipt to anybody."
                : "It names nobody. Give it to whoever asked; anybody can check it, even after the tenant is gone."
        } else {
            heading = said.action == "erasure" ? (isEmpty ? "Nothing was held about you" : "Everything is erased") : "Your receipt"
            text =
                isEmpty
                ? "Nothing was held under this id. Keep the receipt: it proves that you asked."
                : "Keep the receipt: it proves what was done, and when."
        }
        id = receipt.id
        (requestedAt, completedAt) = (said.requestedAt, said.completedAt)
        rows = CenterRows(said.counts.map { (kind: $0.key, count: $0.value) }).all
        self.download = download
        keys = "\(base)/tenants/\(said.tenant)/.well-known/jwks.json"
    }
}
