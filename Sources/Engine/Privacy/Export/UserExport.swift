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
    private var steps: [Step] = []
    private var place = 0
    /// Where the section goes on.
    private var last: String?
    private var isFirst = true
    /// How many values each section has had.
    private(set) var counts: [String: UInt64] = [:]

    init(scope: Scope, users: [UserID], joined: [UserID]? = nil, format: ExportFormat, features: BehaviorFeatures) {
        (self.scope, self.users, self.format, self.features) = (scope, users, format, features)
        self.joined = joined ?? Array(users.dropFirst())
        steps = format == .json ? documentSteps : lineSteps
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

    private func text(of values: [[UInt8]], _ section: ExportSection, _ user: UserID) -> [UInt8] {
        switch format {
        case .json:
            guard section.isList else { return values.first ?? Array("null".utf8) }
            guard !values.isEmpty else { return [] }
            return (isFirst ? [] : [UInt8(ascii: ",")]) + values.joined(separator: [UInt8(ascii: ",")])
        case .ndjson: return values.flatMap { Self.line(section.name, user, $0) }
        case .csv: return values.flatMap { Self.row(section.name, user, $0) }
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

    private var lineSteps: [Step] {
        let first =
            format == .csv
            ? Array("section,userId,data\r\n".utf8) + Self.row("export", users[0], head) : Self.line("export", users[0], head)
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

    /// RFC 4180. What a spreadsheet would take for a formula is kept from being one.
    private static func row(_ section: String, _ user: UserID, _ data: [UInt8]) -> [UInt8] {
        let isFormula = user.bytes.first.map { [UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@")].contains($0) }
        let id = (isFormula ?? false ? [UInt8(ascii: "'")] : []) + user.bytes
        return Array(section.utf8) + [UInt8(ascii: ",")] + quoted(id) + [UInt8(ascii: ",")] + quoted(data) + Array("\r\n".utf8)
    }

    private static func quoted(_ bytes: [UInt8]) -> [UInt8] {
        let quote = UInt8(ascii: "\"")
        return [quote] + bytes.flatMap { $0 == quote ? [quote, quote] : [$0] } + [quote]
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
            json.member("behavioralScore", BehavioralScore.automatic(export.features))
            json.member("engagementScore", export.features.engagementScore)
            json.member("recencyScore", export.features.recencyScore)
            json.member("totalEvents", export.features.totalEvents)
            json.member("purchases", export.features.purchases)
            json.member("productViews", export.features.productViews)
            json.member("overallConversionRate", export.features.overallConversionRate)
            json.member("categoryDiversity", export.features.categoryDiversity)
            json.member("logic", "100 * (0.7 * engagementScore + 0.3 * recencyScore) over the days of the window")
        }
    }
}
