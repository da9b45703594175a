import Store
import SwiftProtobuf
import Synchronization

/// The form of an export.
package enum ExportFormat: String, Sendable, CaseIterable {
    case json, ndjson, csv
}

/// Everything that is held about a person, joined visitors included, read piece by piece in constant memory.
package struct UserExport: Sendable {
    private enum Step: Sendable {
        case text([UInt8])
        /// A user's items of a section, all pages.
        case section(ExportSection, UserID)
    }

    private static let version = 1

    let scope: Scope
    /// The person, then the visitors who have turned out to be this person.
    let users: [UserID]
    /// Visitors whom the document names; their items are read where they are among the users.
    let joined: [UserID]
    package let format: ExportFormat
    let features: BehaviorFeatures
    /// Whether scores are made of the features: not of somebody who does not allow `personalization`.
    let isScored: Bool
    private var steps: [Step] = []
    private var place = 0
    /// Where the section goes on.
    private var last: String?
    private var isFirst = true
    private var table = ExportTable()
    /// How many values each section has had.
    private(set) var counts: [String: UInt64] = [:]

    init(scope: Scope, users: [UserID], joined: [UserID]? = nil, format: ExportFormat, features: BehaviorFeatures, isScored: Bool) {
        (self.scope, self.users, self.format, self.features, self.isScored) = (scope, users, format, features, isScored)
        self.joined = joined ?? Array(users.dropFirst())
        steps = format == .json ? documentSteps : lineSteps()
    }

    /// The next piece; nil at the end.
    /// - Throws: where something cannot be read, or the person is erased meanwhile: what was read is not the whole then.
    package mutating func next() async throws(EngineError) -> [UInt8]? {
        while place < steps.count {
            switch steps[place] {
            case .text(let bytes):
                place += 1
                return bytes
            case .section(let section, let user):
                let (values, isEnd) = try await page(of: section, user)
                if !values.isEmpty { counts[section.name, default: 0] += UInt64(values.count) }
                let piece = text(of: values, section, user)
                isFirst = isEnd || isFirst && values.isEmpty
                if isEnd { (place, last) = (place + 1, nil) }
                if !piece.isEmpty { return piece }
            }
        }
        return nil
    }

    private mutating func text(of values: [[UInt8]], _ section: ExportSection, _ user: UserID) -> [UInt8] {
        switch format {
        case .json:
            guard section.isList else { return values.first ?? Array("null".utf8) }
            guard !values.isEmpty else { return [] }
            return (isFirst ? [] : [UInt8(ascii: ",")]) + values.joined(separator: [UInt8(ascii: ",")])
        case .ndjson: return values.flatMap { Self.line(section.name, user, $0) }
        case .csv: return values.flatMap { table.rows(section.name, user, $0) }
        }
    }

    private var head: [UInt8] {
        var head = JSONText()
        head.object { $0.head(self, version: Self.version) }
        return head.bytes
    }

    private var documentSteps: [Step] {
        var steps: [Step] = [.text(head.dropLast())] + sectionSteps(of: users[0]) + [.text(Array(#","joined":["#.utf8))]
        for (place, user) in users.dropFirst().enumerated() {
            var id = JSONText()
            id.value(user.text)
            steps.append(.text(Array((place == 0 ? "" : ",").utf8) + Array(#"{"userId":"#.utf8) + id.bytes))
            steps += sectionSteps(of: user) + [.text([UInt8(ascii: "}")])]
        }
        return steps + [.text(Array("]}\n".utf8))]
    }

    private func sectionSteps(of user: UserID) -> [Step] {
        ExportSection.all.flatMap { section -> [Step] in
            let start = Step.text(Array(#","\#(section.name)":\#(section.isList ? "[" : "")"#.utf8))
            return [start, .section(section, user)] + (section.isList ? [.text([UInt8(ascii: "]")])] : [])
        }
    }

    private mutating func lineSteps() -> [Step] {
        let first = format == .csv ? ExportTable.head + table.rows("export", users[0], head) : Self.line("export", users[0], head)
        return [.text(first)] + users.flatMap { user in ExportSection.all.map { Step.section($0, user) } }
    }

    private static func line(_ section: String, _ user: UserID, _ data: [UInt8]) -> [UInt8] {
        var json = JSONText()
        json.object { json in
            json.member("section", section)
            json.member("userId", user.text)
            json.key("data")
            json.raw(data)
        }
        return json.bytes + [UInt8(ascii: "\n")]
    }

    // MARK: Reading

    private mutating func page(
        of section: ExportSection, _ user: UserID
    ) async throws(EngineError) -> (values: [[UInt8]], isEnd: Bool) {
        let limit = section.isList ? Limits.exportItemsPerPage : 1
        let page = try await scope.tenant.table.page(
            in: Keyspace.partition(of: user), prefix: section.prefix, after: last, limit: limit, now: scope.now)
        try check()
        var values: [[UInt8]] = []
        for item in page where section.isList || item.sort.elementsEqual(section.prefix.utf8) {
            values += try ExportSection.values(of: item.item)
        }
        last = page.last.map { String(decoding: $0.sort, as: UTF8.self) }
        return (values, !section.isList || page.count < limit)
    }

    /// Of somebody who is being erased nothing is found: that is not to pass for everything.
    private func check() throws(EngineError) {
        for user in users where scope.tenant.shutUsers.isShut(user) { throw ShutUsers.refusal }
    }
}

extension JSONText {
    /// What comes before the sections: whose data it is, what it is for, and what was concluded from it by which rule.
    fileprivate mutating func head(_ export: UserExport, version: Int) {
        let tenant = export.scope.tenant
        member("exportVersion", version)
        member("tenant", tenant.name.text)
        member("userId", export.users[0].text)
        member("generatedAt", export.scope.now.rfc3339)
        member("joinedIds", export.joined.map(\.text))
        key("processing")
        object { json in
            json.member("purposes", Purpose.allCases.map(\.rawValue))
            json.member("allowedWhereNothingIsRecorded", Purpose.allCases.filter { tenant.consentDefaults.contains($0) }.map(\.rawValue))
            json.member("retentionDays", tenant.intakeRules.retentionDays)
            json.member("sources", ["the tenant's applications", "the user's own browser", "rules of the tenant's playbook"])
            json.member("recipients", ["the tenant", "the AI provider, of what aiExchanges shows"])
        }
        key("derived")
        object { json in
            json.member("windowDays", Limits.featureWindowDays)
            json.member("scores", of: export.isScored ? ["behavior"] : []) { $0.score(named: $1, of: export.features) }
            json.member("totalEvents", export.features.totalEvents)
            json.member("purchases", export.features.purchases)
            json.member("productViews", export.features.productViews)
            json.member("overallConversionRate", export.features.overallConversionRate)
            json.member("categoryDiversity", export.features.categoryDiversity)
        }
    }

    /// A score with the factors that made it.
    private mutating func score(named name: String, of features: BehaviorFeatures) {
        object { json in
            json.member("name", name)
            json.member("score", BehavioralScore.automatic(features))
            json.member("logic", "the sum of weight * value of its factors, over the days of the window, to one decimal")
            json.member("factors", of: BehavioralScore.factors(features)) { json, factor in
                json.object { json in
                    json.member("name", factor.name)
                    json.member("value", factor.value)
                    json.member("weight", factor.weight)
                    json.member("contribution", factor.value * factor.weight)
                }
            }
        }
    }
}
