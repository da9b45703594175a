import Store
import SwiftProtobuf
import Synchronization

/// The form of an export.
package enum ExportFormat: String, Sendable, CaseIterable {
    case json, ndjson, csv
}

/// Everything that is held about a person, joined visitors included, written piece by piece in constant memory.
package struct UserExport: Sendable {
    package typealias Sink = ([UInt8]) async throws -> Void

    private static let version = 1

    let scope: Scope
    /// The person, then the visitors who have turned out to be this person.
    let users: [UserID]
    let format: ExportFormat
    let features: BehaviorFeatures

    /// - Throws: what the sink throws; `EngineError` where something cannot be read, or the person is erased meanwhile: what was written
    ///   is not the whole then.
    package func write(to sink: Sink) async throws {
        switch format {
        case .json: try await writeDocument(to: sink)
        case .ndjson: try await writeLines(to: sink) { Self.line($0, $1, $2) }
        case .csv:
            try await sink(Array("section,userId,data\r\n".utf8))
            try await writeLines(to: sink) { Self.row($0, $1, $2) }
        }
    }

    // MARK: One document

    private func writeDocument(to sink: Sink) async throws {
        var head = JSONText()
        head.object { $0.head(self, version: Self.version) }
        try await sink(head.bytes.dropLast())
        try await writeSections(of: users[0], to: sink)
        try await sink(Array(#","joined":["#.utf8))
        for (place, user) in users.dropFirst().enumerated() {
            var id = JSONText()
            id.value(user.text)
            try await sink(Array((place == 0 ? "" : ",").utf8) + Array(#"{"userId":"#.utf8) + id.bytes)
            try await writeSections(of: user, to: sink)
            try await sink([UInt8(ascii: "}")])
        }
        try await sink(Array("]}\n".utf8))
    }

    private func writeSections(of user: UserID, to sink: Sink) async throws {
        for section in ExportSection.all {
            var isFirst = true
            try await sink(Array(#","\#(section.name)":\#(section.isList ? "[" : "")"#.utf8))
            try await forEachPage(of: section, user) { values in
                guard !values.isEmpty else { return }
                try await sink(Array((isFirst ? [] : [UInt8(ascii: ",")]) + values.joined(separator: [UInt8(ascii: ",")])))
                isFirst = false
            }
            try await sink(Array((section.isList ? "]" : isFirst ? "null" : "").utf8))
        }
    }

    // MARK: Lines

    private func writeLines(to sink: Sink, _ line: (String, UserID, [UInt8]) -> [UInt8]) async throws {
        var head = JSONText()
        head.object { $0.head(self, version: Self.version) }
        try await sink(line("export", users[0], head.bytes))
        for user in users {
            for section in ExportSection.all {
                try await forEachPage(of: section, user) { values in
                    if !values.isEmpty { try await sink(values.flatMap { line(section.name, user, $0) }) }
                }
            }
        }
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

    private func forEachPage(
        of section: ExportSection, _ user: UserID, _ body: ([[UInt8]]) async throws -> Void
    ) async throws {
        let table = scope.tenant.table
        guard section.isList else {
            let page = try await table.page(in: Keyspace.partition(of: user), prefix: section.prefix, limit: 1, now: scope.now)
            let item = page.first { $0.sort.elementsEqual(section.prefix.utf8) }
            try check()
            return try await body(try item.map { try ExportSection.values(of: $0.item) } ?? [])
        }
        var last: String?
        while true {
            let page = try await table.page(
                in: Keyspace.partition(of: user), prefix: section.prefix, after: last, limit: Limits.exportItemsPerPage, now: scope.now)
            try check()
            try await body(try page.flatMap { try ExportSection.values(of: $0.item) })
            guard page.count == Limits.exportItemsPerPage else { return }
            last = page.last.map { String(decoding: $0.sort, as: UTF8.self) }
        }
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
        member("joinedIds", export.users.dropFirst().map(\.text))
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
