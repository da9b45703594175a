import Engine

/// The operators' page of privacy.
struct PrivacyModel: Sendable {
    struct RequestRow: Sendable {
        let id: String
        let type: String
        let source: String
        let received: String
        let due: String
        let state: String
        let stateText: String
        let left: String
        let isLate: Bool
        let receipt: String?
    }

    struct ConsentRow: Sendable {
        let purpose: String
        let allowed: String
        let share: String
        let decided: String
    }

    static let requestsShown = 25
    static let entriesShown = 8

    let notice: PrivacyNotice?
    let formToken: String
    let requests: [RequestRow]
    let hasRequests: Bool
    let showsAll: Bool
    let nextLink: String?
    let firstLink: String?
    let consents: [ConsentRow]
    let consentNote: String
    let entries: [PrivacyLogModel.Row]

    init(
        requests page: DataRequests.Page, showsAll: Bool, isFirst: Bool, consents sample: ConsentSample, users: Int, entries: Audit.Page,
        notice: PrivacyNotice?, formToken: String
    ) {
        (self.notice, self.formToken, self.showsAll) = (notice, formToken, showsAll)
        requests = page.items.map(Self.row)
        hasRequests = !page.items.isEmpty
        let filter = showsAll ? "requests=all" : "requests=open"
        nextLink = page.nextCursor.map { "/privacy?\(filter)&cursor=\(PercentEncoding.component($0))" }
        firstLink = isFirst ? nil : "/privacy?\(filter)"
        consents = Purpose.allCases.map { purpose in
            let allowed = sample.granted[purpose] ?? 0
            return ConsentRow(
                purpose: PrivacyText.purpose(purpose), allowed: PageText.number(allowed),
                share: PageText.percent(allowed, of: sample.users),
                decided: PageText.number(sample.decided[purpose] ?? 0))
        }
        let whose =
            sample.users < users
            ? "Based on a sample of \(PageText.number(sample.users)) of \(PageText.count(users, "user"))"
            : "Based on all \(PageText.count(sample.users, "user"))"
        consentNote = "\(whose). Processing is restricted for \(PageText.number(sample.restricted))."
        self.entries = entries.items.reversed().map { PrivacyLogModel.Row($0) }
    }

    private static func row(_ request: DataRequestDocument) -> RequestRow {
        let state =
            switch request.status {
            case "completed": request.overdue ? "warn" : "good"
            case "cancelled": "off"
            default: request.overdue ? "bad" : "warn"
            }
        let left = request.daysLeft.map { $0 < 0 ? "\(PageText.count(-$0, "day")) late" : "\(PageText.count($0, "day")) left" } ?? ""
        let extended = request.extension == nil ? "" : ", extended"
        return RequestRow(
            id: request.id, type: PageText.words(request.type), source: PrivacyText.source(request.source),
            received: String(request.receivedAt.prefix(10)),
            due: request.dueOn + extended, state: state,
            stateText: request.blockedBy == "hold" ? "Blocked by a legal hold" : PageText.words(request.status), left: left,
            isLate: (request.daysLeft ?? 0) < 0, receipt: request.receiptId.map { "/privacy/receipts/\($0)" })
    }
}

/// What is said at the top of the page after something was done.
struct PrivacyNotice: Sendable {
    let text: String
    let isBad: Bool
    var link: String?
    var linkText = ""

    /// - Returns: nil for what is no known ending.
    init?(done: String?) {
        switch done {
        case "restricted": self.init("Processing of this person’s data is now restricted.")
        case "lifted": self.init("The restriction was lifted.")
        default: return nil
        }
    }

    private init(_ text: String, isBad: Bool = false) {
        (self.text, self.isBad) = (text, isBad)
    }

    static func validReceipt(_ id: String) -> PrivacyNotice {
        var notice = PrivacyNotice("This receipt is valid, and the audit log still contains it.")
        (notice.link, notice.linkText) = ("/privacy/receipts/\(PercentEncoding.component(id))", "View receipt")
        return notice
    }

    static let invalidReceipt = PrivacyNotice("This receipt is not valid, or it belongs to another tenant.", isBad: true)
    static let noReceipt = PrivacyNotice("This is not a receipt. Paste the whole JSON file.", isBad: true)
}

/// Asks whether a person is to be erased.
struct PrivacyConfirmModel: Sendable {
    struct Trait: Sendable {
        let name: String
        let value: String
    }

    /// Traits that the page shows; with them somebody recognizes the person.
    private static let traitsShown = 20
    private static let traitCharactersShown = 200

    let userID: String
    let formToken: String
    let isEmpty: Bool
    let entries: String
    let kinds: [CenterRows.Row]
    let firstSeen: PageMoment?
    let lastSeen: PageMoment?
    let traits: [Trait]

    init(userID: String, _ summary: PersonSummary, now: Timestamp, formToken: String) {
        (self.userID, self.formToken, isEmpty) = (userID, formToken, summary.isEmpty)
        entries = summary.entries == 1 ? "1 entry" : "\(PageText.number(summary.entries)) entries"
        kinds = summary.kinds.map { CenterRows.Row(name: $0.kind, count: PageText.number($0.count)) }
        firstSeen = summary.firstSeenAt.map { PageMoment($0, now: now) }
        lastSeen = summary.lastSeenAt.map { PageMoment($0, now: now) }
        traits = summary.traits.prefix(Self.traitsShown).map {
            Trait(name: $0.name, value: String($0.value.prefix(Self.traitCharactersShown)))
        }
    }
}

/// The log, the newest entry first.
struct PrivacyLogModel: Sendable {
    struct Row: Sendable {
        let index: String
        let at: String
        let time: String
        let date: String
        let action: String
        let actor: String
        let object: String
        let receipt: String?

        init(_ entry: Audit.Entry) {
            (index, at) = (String(entry.index), entry.at)
            (action, actor) = (PrivacyText.action(entry.action), PrivacyText.actor(entry.actor))
            time = String(entry.at.prefix(19).replacing("T", with: " "))
            date = String(entry.at.prefix(10))
            object = entry.object ?? ""
            receipt = entry.receiptID.map { "/privacy/receipts/\($0)" }
        }
    }

    static let entriesPerPage = 50

    let rows: [Row]
    let total: String
    let treeSize: String
    let rootHash: String
    let checkpoint: String
    let newestLink: String?
    let olderLink: String?

    init(_ page: Audit.Page, size: UInt64, from: UInt64, count: Int) {
        rows = page.items.prefix(count).reversed().map { Row($0) }
        total = size == 1 ? "1 entry" : "\(PageText.number(size)) entries"
        let said = page.checkpoint.saidCheckpoint
        treeSize = said.map { String($0.treeSize) } ?? ""
        rootHash = said?.rootHash ?? ""
        let signed = page.checkpoint
        checkpoint = #"{"payload":"\#(signed.payload)","protected":"\#(signed.protected)","signature":"\#(signed.signature)"}"#
        newestLink = from + UInt64(count) < size ? "/privacy/log" : nil
        olderLink = from > 0 ? "/privacy/log?before=\(from)" : nil
    }
}
