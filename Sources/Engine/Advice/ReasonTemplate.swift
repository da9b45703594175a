/// A rule's reason, taken apart once: text with places for the user's own data.
struct ReasonTemplate: Sendable, Equatable {
    /// What can stand between braces in a reason.
    enum Placeholder: String, Sendable, CaseIterable {
        case action, contentType, count, days, feature, focus, from, goal, hour, progress
    }

    private enum Part: Sendable, Equatable {
        case text(String)
        case placeholder(Placeholder)
    }

    private var parts: [Part] = []
    let placeholders: Set<Placeholder>

    /// - Returns: nil where a brace is not closed or holds no known placeholder.
    init?(_ text: String) {
        var rest = text[...]
        var found: Set<Placeholder> = []
        while let start = rest.firstIndex(of: "{") {
            guard let end = rest[start...].firstIndex(of: "}"),
                let placeholder = Placeholder(rawValue: String(rest[rest.index(after: start)..<end]))
            else { return nil }
            if start > rest.startIndex { parts.append(.text(String(rest[..<start]))) }
            parts.append(.placeholder(placeholder))
            found.insert(placeholder)
            rest = rest[rest.index(after: end)...]
        }
        if !rest.isEmpty { parts.append(.text(String(rest))) }
        placeholders = found
    }

    /// A text that follows a 1, with its first word, where that is a counted noun, in the singular: " times" becomes " time".
    private static func singular(_ text: String) -> String {
        for noun in [" times", " tools", " days", " clients"] where text.hasPrefix(noun) {
            return String(noun.dropLast()) + text.dropFirst(noun.count)
        }
        return text
    }

    func text(action: String, findings: Findings) -> String {
        if parts.count == 1, case .text(let text) = parts[0] { return text }
        var filled = ""
        var isAfterOne = false
        for part in parts {
            switch part {
            case .text(let text):
                filled += isAfterOne ? Self.singular(text) : text
                isAfterOne = false
            case .placeholder(.action):
                filled += action
                isAfterOne = false
            case .placeholder(let placeholder):
                let value = findings[placeholder] ?? ""
                filled += value
                isAfterOne = (placeholder == .count || placeholder == .days) && value == "1"
            }
        }
        return filled
    }
}

/// What the conditions of one rule found in the profile, for its reason and for rules that name no action.
struct Findings {
    /// Index of the feature that the condition is about, where it finds one.
    var action: Int?
    /// Index of the goal that a condition found.
    var goal: Int?
    /// Whether a condition found that the user was away.
    var tellsAbsence = false
    /// What other actions of the same list have told.
    let told: Told
    private var values: [(placeholder: ReasonTemplate.Placeholder, value: String)] = []

    init(besides told: Told = Told()) {
        self.told = told
    }

    /// Facts that make advice once and not twice: a goal, and the days without a visit.
    struct Told {
        private(set) var goals: [Int] = []
        private(set) var absence = false

        mutating func add(_ findings: Findings) {
            if let goal = findings.goal { goals.append(goal) }
            if findings.tellsAbsence { absence = true }
        }
    }

    subscript(placeholder: ReasonTemplate.Placeholder) -> String? {
        values.first { $0.placeholder == placeholder }?.value
    }

    /// Of two conditions that find the same kind of thing the first one is told.
    mutating func note(_ placeholder: ReasonTemplate.Placeholder, _ value: String) {
        values.append((placeholder, value))
    }

    mutating func note(_ placeholder: ReasonTemplate.Placeholder, _ value: Int) {
        values.append((placeholder, String(value)))
    }
}
