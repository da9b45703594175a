/// The values of an export as rows of one table: a column for each member that an export can have, and a row for each object.
///
/// An object within an entry is a row of its own under the entry's number, in a section named by the way to it (`sessions.path`). Members
/// whose names the tenant or the person chose (`properties`, `interactions`) are rows with `name` and `value`. A value that is longer than
/// a cell of Excel holds goes on in further rows with `part` 2, 3, …, in its own column.
package struct ExportTable: Sendable {
    private static let heading = ["section", "userId", "entry", "part"]

    /// Members of entries, in the order in which entries are written. What has none, since a later version writes it, is a row with
    /// `name` and `value`.
    private static let columns = [
        "name", "value", "setAt", "setBy", "type", "at", "receivedAt", "messageId", "anonymousId", "url", "title", "referrer", "productId",
        "groupBuyId", "category", "sessionId", "timeZone", "rating", "dwellMilliseconds", "scrollPercent", "isBot", "exportVersion",
        "tenant", "generatedAt", "joinedIds", "purposes", "allowedWhereNothingIsRecorded", "retentionDays", "sources", "recipients",
        "windowDays", "contribution", "totalEvents", "purchases", "productViews",
        "overallConversionRate", "categoryDiversity", "logic", "feature", "count", "weight", "sequence", "firstUsedAt", "lastUsedAt",
        "contentType", "successes", "failures", "score", "shortTerm", "longTerm", "goal", "horizon", "progress", "status", "updatedAt",
        "marketFocus", "recentFeatures", "lastSeenAt", "firstSeenAt", "createdAt", "purpose", "granted", "decidedAt", "source",
        "restricted", "restrictedAt", "wordingVersion", "channel", "credential", "groupId", "joinedAt", "joinedInto", "joinedFrom", "id",
        "leadId", "engagementLevel", "interests", "lastEngagedAt", "scoredAt", "countedEvents", "anonymous", "day", "events", "byHour",
        "distinctProducts", "intent", "secondsOnSite", "startedAt", "lastAt", "page", "isReturn", "model", "promptVersion", "madeAt",
        "description", "action",
        "reason", "confidence", "basedOn", "kind", "sent", "received", "outcome", "tries", "inputTokens", "outputTokens", "body",
    ]
    private static let places = Dictionary(uniqueKeysWithValues: columns.enumerated().map { ($1, heading.count + $0) })

    /// Objects whose members have names that somebody chose.
    private static let maps: Set = ["properties", "interactions", "timeOfDayUsage", "value", "leadId"]
    /// Texts that hold JSON.
    private static let texts: Set = ["body", "received"]

    private var entries: UInt64 = 0

    package init() {}

    package static var head: [UInt8] {
        var csv = CSVText()
        csv.row(names: heading + columns)
        return CSVText.byteOrderMark + csv.bytes
    }

    /// The rows of an entry.
    package mutating func rows(_ section: String, _ user: UserID, _ json: [UInt8]) -> [UInt8] {
        entries += 1
        guard let tape = JSONTape(json) else { return [] }
        var writer = Writer(user: user, entry: entries)
        writer.object(section, tape.root)
        return writer.csv.bytes
    }

    /// Writes the rows of one entry.
    private struct Writer {
        let user: UserID
        let entry: UInt64
        var csv = CSVText()

        mutating func object(_ section: String, _ view: JSONView) {
            guard view.kind == .object else { return pair(section, "", view) }
            var cells: [(place: Int, cell: CSVText.Cell)] = []
            var others: [(name: String, view: JSONView)] = []
            view.forEachMember { name, value in
                if let place = ExportTable.places[name], let cell = Self.cell(value, mayHoldJSON: ExportTable.texts.contains(name)) {
                    cells.append((place, cell))
                } else if !value.isNull {
                    others.append((name, value))
                }
            }
            if !cells.isEmpty { row(section, cells) }
            for (name, value) in others { member(section, name, value, of: view) }
        }

        /// What is no cell of its object's row.
        private mutating func member(_ section: String, _ name: String, _ value: JSONView, of parent: JSONView) {
            let inner = "\(section).\(name)"
            if ExportTable.maps.contains(name) {
                // A trait's parts say of which trait they are.
                let prefix = name == "value" ? parent.member("name")?.string.map { "\($0)." } ?? "" : ""
                return map(inner, prefix, value)
            }
            if ExportTable.texts.contains(name), let text = value.string, let tape = JSONTape(Array(text.utf8)) {
                return map(inner, "", tape.root)
            }
            switch value.kind {
            case .object: object(inner, value)
            case .array: for element in value.elements { object(inner, element) }
            default: pair(section, name, value)
            }
        }

        private mutating func map(_ section: String, _ prefix: String, _ view: JSONView) {
            switch view.kind {
            case .object:
                view.forEachMember { name, value in
                    switch value.kind {
                    case .object: map(section, "\(prefix)\(name).", value)
                    case .array where Self.cell(value) == nil:
                        for (place, element) in value.elements.enumerated() { map(section, "\(prefix)\(name).\(place).", element) }
                    default: pair(section, prefix + name, value)
                    }
                }
            case .array where Self.cell(view) == nil:
                for (place, element) in view.elements.enumerated() { map(section, "\(prefix)\(place).", element) }
            default: pair(section, prefix.hasSuffix(".") ? String(prefix.dropLast()) : prefix, view)
            }
        }

        private mutating func pair(_ section: String, _ name: String, _ value: JSONView) {
            guard let nameAt = ExportTable.places["name"], let valueAt = ExportTable.places["value"] else { return }
            row(section, [(nameAt, .text(name)), (valueAt, Self.cell(value) ?? .empty)])
        }

        /// A value as a cell holds it; nil where it takes rows of its own.
        private static func cell(_ view: JSONView, mayHoldJSON: Bool = false) -> CSVText.Cell? {
            switch view.kind {
            case .number, .yes, .no: return .plain(String(decoding: view.raw, as: UTF8.self))
            case .null: return .empty
            case .object: return nil
            case .string:
                let text = view.string ?? ""
                if mayHoldJSON, let first = text.utf8.first, "{[".utf8.contains(first), JSONTape(Array(text.utf8)) != nil { return nil }
                return .text(text)
            case .array:
                var texts: [String] = []
                for element in view.elements {
                    switch element.kind {
                    case .object, .array: return nil
                    case .string: texts.append(element.string ?? "")
                    default: texts.append(String(decoding: element.raw, as: UTF8.self))
                    }
                }
                return texts.isEmpty ? .empty : .text(texts.joined(separator: "; "))
            }
        }

        private mutating func row(_ section: String, _ cells: [(place: Int, cell: CSVText.Cell)]) {
            var rest = cells
            var part = 1
            repeat {
                var all = [CSVText.Cell](repeating: .empty, count: ExportTable.heading.count + ExportTable.columns.count)
                (all[0], all[1]) = (.text(section), .text(user.text))
                (all[2], all[3]) = (.plain(String(entry)), .plain(String(part)))
                var longer: [(place: Int, cell: CSVText.Cell)] = []
                for (place, cell) in rest {
                    guard case .text(let text) = cell else {
                        all[place] = cell
                        continue
                    }
                    let pieces = CSVText.pieces(of: text)
                    all[place] = .text(pieces[0])
                    if pieces.count > 1 { longer.append((place, .text(pieces.dropFirst().joined()))) }
                }
                csv.row(all)
                (rest, part) = (longer, part + 1)
            } while !rest.isEmpty
        }
    }
}
