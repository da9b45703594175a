import FoundationEssentials

/// Sections that an AI provider has written, checked against the playbook: nothing else gets through.
package struct AdvisedSections: Sendable, Equatable {
    package var priorityActions: [PriorityAction]
    package var suggestedContent: [SuggestedContent]
    package var marketInsights: [MarketInsight]
    package var nextBestActions: [NextBestAction]
}

/// Reads what an AI provider has answered.
///
/// Every member is there, of its type, and no other; every section has 1 to so many entries; every action, type of content, priority
/// and category exists; every text is plain and short. An entry for what another entry is about already is left out. Anything else
/// is no answer.
package enum AdvisorAnswer {
    /// - Parameter rules: what the rules say for the same profile: the AI writes no confidences.
    /// - Returns: nil for an answer that is not valid.
    package static func dashboard(_ json: [UInt8], playbook: CompiledPlaybook, rules: Dashboard) -> AdvisedSections? {
        guard let answer = try? JSONDecoder().decode(DashboardAnswer.self, from: Data(json)) else { return nil }
        let names = Names(playbook)
        let actions = section(answer.priorityActions, max: Limits.priorityActionsMax, key: \.action) { $0.checked(names) }
        let content = section(answer.suggestedContent, max: Limits.suggestedContentMax, key: \.contentType) { $0.checked(names) }
        let insights = section(answer.marketInsights, max: Limits.marketInsightsMax, key: \.title) { $0.checked }
        let next = section(answer.nextBestActions, max: Limits.nextBestActionsMax, key: \.action) { $0.checked(names, rules: rules) }
        guard let actions, let content, let insights, let next else { return nil }
        return AdvisedSections(priorityActions: actions, suggestedContent: content, marketInsights: insights, nextBestActions: next)
    }

    /// - Returns: nil for an answer that is not valid.
    package static func suggestions(_ json: [UInt8], playbook: CompiledPlaybook) -> [Suggestion]? {
        guard let answer = try? JSONDecoder().decode(SuggestionsAnswer.self, from: Data(json)) else { return nil }
        let names = Names(playbook)
        return section(answer.suggestions, max: Limits.suggestionsMax, key: \.action) { $0.checked(names) }
    }

    /// Whether sections that were valid once still are, with the present playbook.
    static func isValid(_ sections: AdvisedSections, playbook: CompiledPlaybook) -> Bool {
        (sections.priorityActions.map(\.action) + sections.nextBestActions.map(\.action)).allSatisfy { playbook.featureIndex[$0] != nil }
            && sections.suggestedContent.allSatisfy { playbook.contentTypeIndex[$0.contentType] != nil }
    }

    private static func section<Wire, Entry>(
        _ entries: [Wire], max: Int, key: KeyPath<Entry, String>, _ check: (Wire) -> Entry?
    ) -> [Entry]? {
        guard (1...max).contains(entries.count) else { return nil }
        var known: Set<[UInt8]> = []
        var section: [Entry] = []
        for entry in entries {
            guard let checked = check(entry) else { return nil }
            if known.insert(Array(checked[keyPath: key].utf8)).inserted { section.append(checked) }
        }
        return section
    }
}

/// The names that an answer may use.
private struct Names {
    private let playbook: CompiledPlaybook

    init(_ playbook: CompiledPlaybook) {
        self.playbook = playbook
    }

    func feature(_ name: String) -> String? { playbook.featureIndex[name].map { playbook.playbook.features[$0].name } }
    func contentType(_ name: String) -> String? { playbook.contentTypeIndex[name].map { playbook.playbook.contentTypes[$0].name } }

    static func title(_ text: String) -> String? { PlainText.shown(text, charactersMax: Limits.aiTitleCharactersMax) }
    static func sentence(_ text: String) -> String? { PlainText.shown(text, charactersMax: Limits.aiTextCharactersMax) }
}

// MARK: Wire form

/// Any member of a JSON object.
private struct AnyMember: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) {
        self.stringValue = stringValue
    }

    init?(intValue: Int) { nil }
}

extension Decoder {
    /// - Throws: for members that the shape does not have.
    fileprivate func members<Known: CodingKey & CaseIterable>(_: Known.Type) throws -> KeyedDecodingContainer<Known> {
        let all = try container(keyedBy: AnyMember.self)
        for member in all.allKeys where Known(stringValue: member.stringValue) == nil {
            throw DecodingError.dataCorruptedError(forKey: member, in: all, debugDescription: "a member that was not asked for")
        }
        return try container(keyedBy: Known.self)
    }
}

private struct DashboardAnswer: Decodable {
    let priorityActions: [ActionAnswer]
    let suggestedContent: [ContentAnswer]
    let marketInsights: [InsightAnswer]
    let nextBestActions: [NextAnswer]

    private enum Member: String, CodingKey, CaseIterable { case priorityActions, suggestedContent, marketInsights, nextBestActions }

    init(from decoder: any Decoder) throws {
        let members = try decoder.members(Member.self)
        priorityActions = try members.decode([ActionAnswer].self, forKey: .priorityActions)
        suggestedContent = try members.decode([ContentAnswer].self, forKey: .suggestedContent)
        marketInsights = try members.decode([InsightAnswer].self, forKey: .marketInsights)
        nextBestActions = try members.decode([NextAnswer].self, forKey: .nextBestActions)
    }
}

private struct SuggestionsAnswer: Decodable {
    let suggestions: [SuggestionAnswer]

    private enum Member: String, CodingKey, CaseIterable { case suggestions }

    init(from decoder: any Decoder) throws {
        suggestions = try decoder.members(Member.self).decode([SuggestionAnswer].self, forKey: .suggestions)
    }
}

private struct ActionAnswer: Decodable {
    let title, description, action, reason: String
    let priority: Priority

    private enum Member: String, CodingKey, CaseIterable { case title, description, action, priority, reason }

    init(from decoder: any Decoder) throws {
        let members = try decoder.members(Member.self)
        title = try members.decode(String.self, forKey: .title)
        description = try members.decode(String.self, forKey: .description)
        action = try members.decode(String.self, forKey: .action)
        priority = try members.decode(Priority.self, forKey: .priority)
        reason = try members.decode(String.self, forKey: .reason)
    }

    func checked(_ names: Names) -> PriorityAction? {
        guard let action = names.feature(action), let title = Names.title(title), let description = Names.sentence(description),
            let reason = Names.sentence(reason)
        else { return nil }
        return PriorityAction(title: title, description: description, action: action, priority: priority, reason: reason)
    }
}

private struct SuggestionAnswer: Decodable {
    let title, description, action: String
    let priority: Priority

    private enum Member: String, CodingKey, CaseIterable { case title, description, action, priority }

    init(from decoder: any Decoder) throws {
        let members = try decoder.members(Member.self)
        title = try members.decode(String.self, forKey: .title)
        description = try members.decode(String.self, forKey: .description)
        action = try members.decode(String.self, forKey: .action)
        priority = try members.decode(Priority.self, forKey: .priority)
    }

    func checked(_ names: Names) -> Suggestion? {
        guard let action = names.feature(action), let title = Names.title(title), let description = Names.sentence(description)
        else { return nil }
        return Suggestion(title: title, description: description, action: action, priority: priority, source: .ai, reason: "")
    }
}

private struct ContentAnswer: Decodable {
    let contentType, title, reason: String

    private enum Member: String, CodingKey, CaseIterable { case contentType, title, reason }

    init(from decoder: any Decoder) throws {
        let members = try decoder.members(Member.self)
        contentType = try members.decode(String.self, forKey: .contentType)
        title = try members.decode(String.self, forKey: .title)
        reason = try members.decode(String.self, forKey: .reason)
    }

    func checked(_ names: Names) -> SuggestedContent? {
        guard let contentType = names.contentType(contentType), let title = Names.title(title), let reason = Names.sentence(reason)
        else { return nil }
        return SuggestedContent(contentType: contentType, title: title, reason: reason)
    }
}

private struct InsightAnswer: Decodable {
    let title, description: String
    let category: MarketInsight.Category

    private enum Member: String, CodingKey, CaseIterable { case title, description, category }

    init(from decoder: any Decoder) throws {
        let members = try decoder.members(Member.self)
        title = try members.decode(String.self, forKey: .title)
        description = try members.decode(String.self, forKey: .description)
        category = try members.decode(MarketInsight.Category.self, forKey: .category)
    }

    var checked: MarketInsight? {
        guard let title = Names.title(title), let description = Names.sentence(description) else { return nil }
        return MarketInsight(title: title, description: description, category: category)
    }
}

private struct NextAnswer: Decodable {
    let action, title, description: String

    private enum Member: String, CodingKey, CaseIterable { case action, title, description }

    init(from decoder: any Decoder) throws {
        let members = try decoder.members(Member.self)
        action = try members.decode(String.self, forKey: .action)
        title = try members.decode(String.self, forKey: .title)
        description = try members.decode(String.self, forKey: .description)
    }

    /// Confidence and basis are the rules' own; an action that they do not have is believed less than each of theirs.
    func checked(_ names: Names, rules: Dashboard) -> NextBestAction? {
        guard let action = names.feature(action), let title = Names.title(title), let description = Names.sentence(description)
        else { return nil }
        let known = rules.nextBestActions.first { $0.action.hasSameBytes(as: action) }
        let confidence = known?.confidence ?? rules.nextBestActions.map(\.confidence).min() ?? 0
        return NextBestAction(
            action: action, title: title, description: description, confidence: confidence, basedOn: known?.basedOn ?? [],
            reason: known?.reason ?? "")
    }
}
