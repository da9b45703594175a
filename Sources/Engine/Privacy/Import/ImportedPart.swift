import FoundationEssentials
import Store
import SwiftProtobuf

/// One id of an import with all that is put of it, read and checked before the first of it is written.
struct ImportedPart: Sendable {
    struct Item: Sendable {
        let key: Keyspace
        let record: any Message
        var expiresAt: Timestamp?
        var bytes = 0
    }

    let user: UserID
    /// The state without what follows from the events that are taken again; nil: nothing is known of behaviour.
    private(set) var behavior: BehaviorState?
    /// In the order in which they were received.
    private(set) var events: [PreparedEvent] = []
    private(set) var items: [Item] = []
    /// Still without an id of this tenant.
    private(set) var behavioralProfile: BehavioralProfileRecord?
    /// How many values of each section, but for events and the behavioral profile.
    private(set) var counts: [String: Int] = [:]
    private(set) var notRestored: [String: String] = [:]

    /// - Parameter identity: which ids are one person, by what comes together.
    /// - Throws: `.invalid` for what no request could have made, with a pointer into the document.
    init(_ user: UserID, _ view: JSONView, identity: IdentityRecord?, _ scope: Scope) throws(EngineError) {
        self.user = user
        let reader = ExportReader(view)
        try readConsent(reader)
        try readProfile(reader)
        if let identity { add("identity", .identity(user), identity) }
        readExchanges(reader, view, scope)
        if let record = reader.behavioralProfile {
            try ImportValidation.behavioralProfile(record)
            behavioralProfile = record
        }
        try readEvents(reader, view, scope)
        try weigh()
    }

    private mutating func add(_ section: String, _ key: Keyspace, _ record: any Message, expiresAt: Timestamp? = nil) {
        items.append(Item(key: key, record: record, expiresAt: expiresAt))
        counts[section, default: 0] += 1
    }

    private mutating func readConsent(_ reader: ExportReader) throws(EngineError) {
        let history = reader.consentHistory
        for record in history {
            try ImportValidation.consent(record)
            let id = ConsentChange.newID(at: Timestamp(milliseconds: record.decidedAt))
            add("consentHistory", .consentChange(user, id: id), record)
        }
        let missed = reader.consentHistoryCount - history.count
        if missed > 0 { notRestored["consentHistory"] = "\(missed) older than the latest \(Limits.consentChangesPerUserMax)" }
        guard let record = reader.consent(keptChanges: history.count) else { return }
        guard record.source.utf8.count <= Limits.consentSourceCharactersMax * 4 else {
            throw .invalid("/consent/source", "must be at most \(Limits.consentSourceCharactersMax) characters long")
        }
        add("consent", .consent(user), record)
    }

    private mutating func readProfile(_ reader: ExportReader) throws(EngineError) {
        if let profile = try reader.personalization() { add("personalization", .personalization(user), profile.record) }
        guard let record = reader.traits else { return }
        try ImportValidation.traits(record)
        add("traits", .traits(user), record)
    }

    private mutating func readExchanges(_ reader: ExportReader, _ view: JSONView, _ scope: Scope) {
        var kept = 0
        for (place, record) in reader.exchanges {
            let end = Timestamp(milliseconds: record.at).adding(seconds: Limits.aiExchangeSeconds)
            guard end > scope.now else { continue }
            add("aiExchanges", .aiExchange(user, place: place), record, expiresAt: end)
            kept += 1
        }
        let missed = (view.member("aiExchanges")?.elements.count ?? 0) - kept
        if missed > 0 { notRestored["aiExchanges"] = "\(missed) older, or more, than is kept of them" }
    }

    /// What is larger than a transaction takes would break off the import.
    private mutating func weigh() throws(EngineError) {
        for place in items.indices {
            let bytes = (try? items[place].record.serializedData().count) ?? Int.max
            guard bytes <= Limits.importedRecordBytesMax else {
                throw .invalid("", "holds a record of more than \(Limits.importedRecordBytesMax) bytes")
            }
            items[place].bytes = bytes
        }
    }
}

/// Events, and what follows from them.
extension ImportedPart {
    private mutating func readEvents(_ reader: ExportReader, _ view: JSONView, _ scope: Scope) throws(EngineError) {
        let given = view.member("events")?.elements.count ?? 0
        guard var state = reader.behavior(now: scope.now) else {
            if given > 0 { notRestored["events"] = "\(given) without what is known of behaviour" }
            return
        }
        let oldest = scope.now.adding(seconds: -Int64(scope.tenant.intakeRules.retentionDays) * 86_400)
        let newest = scope.now.adding(seconds: Int64(Limits.eventAheadSecondsMax))
        let known = reader.events(of: user, isAnonymous: state.isAnonymous)
        var (outside, repeated, seen): (Int, Int, Set<UInt64>) = (0, 0, [])
        for (event, receivedAt) in known {
            try ImportValidation.event(event)
            let prepared = try PreparedEvent(event, receivedAt: receivedAt, table: scope.tenant.table)
            if event.at <= oldest || event.at > newest {
                outside += 1
            } else if seen.insert(prepared.digest).inserted {
                events.append(prepared)
            } else {
                repeated += 1
            }
        }
        let missed = [
            (outside, "older than this tenant keeps events, or ahead of time"), (repeated, "with a messageId that came before"),
            (given - known.count, "of an unknown type, or without a time or a messageId"),
        ]
        let texts = missed.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        if !texts.isEmpty { notRestored["events"] = texts.joined(separator: "; ") }
        // Sessions whose events have ended are counted, and not shown.
        state.sessions -= min(state.sessions, reader.shownSessions)
        state.countedEvents -= min(state.countedEvents, UInt64(events.count { $0.counted != nil }))
        behavior = state
    }
}
