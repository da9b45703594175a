import FoundationEssentials
import SwiftProtobuf

/// The sections of an exported id, as records: what `JSONText` and `ExportSection` write, read back.
struct ExportReader: Sendable {
    private let view: JSONView

    init(_ view: JSONView) {
        self.view = view
    }

    private func list(_ name: String) -> [JSONView] { view.member(name)?.elements ?? [] }

    // MARK: Consent

    private static func decisions(_ view: JSONView) -> [ConsentDecisionRecord] {
        (view.member("decisions")?.elements ?? []).compactMap { decision in
            guard let purpose = decision.member("purpose")?.string.flatMap({ Purpose(rawValue: $0) }),
                let granted = decision.member("granted")?.bool
            else { return nil }
            return .with {
                $0.purpose = purpose.recorded
                $0.isGranted = granted
                $0.decidedAt = decision.milliseconds("decidedAt")
            }
        }
    }

    func consent(keptChanges: Int) -> ConsentRecord? {
        guard let consent = view.member("consent") else { return nil }
        return .with {
            $0.decisions = Self.decisions(consent)
            $0.source = consent.text("source")
            $0.updatedAt = consent.milliseconds("updatedAt")
            $0.keptChanges = UInt32(keptChanges)
            $0.isRestricted = consent.member("restricted")?.bool ?? false
            $0.restrictedAt = consent.milliseconds("restrictedAt")
        }
    }

    var consentHistoryCount: Int { list("consentHistory").count }

    /// The oldest first, at most as many as are kept.
    var consentHistory: [ConsentChangeRecord] {
        list("consentHistory").suffix(Limits.consentChangesPerUserMax).map { change in
            .with {
                $0.decisions = Self.decisions(change)
                $0.source = change.text("source")
                $0.wordingVersion = change.text("wordingVersion")
                $0.channel = change.text("channel")
                $0.credential = .init(ConsentEntry.CredentialKind(rawValue: change.text("credential")) ?? .unknown)
                $0.decidedAt = change.milliseconds("decidedAt")
            }
        }
    }

    // MARK: Profile

    func personalization() throws(EngineError) -> PersonalizationProfile? {
        guard let document = view.member("personalization") else { return nil }
        guard let read = try? JSONDecoder().decode(PersonalizationDocument.self, from: Data(document.raw)) else {
            throw .invalid("/personalization", "must be as an export has it")
        }
        try ImportValidation.personalization(read)
        return PersonalizationProfile(read)
    }

    private static func traits(_ views: [JSONView]) -> [TraitRecord] {
        views.compactMap { trait in
            guard let name = trait.member("name")?.string else { return nil }
            var value: JSONView?
            trait.forEachMember { if $0 == "value" { value = $1 } }
            return .with {
                $0.name = name
                $0.value = Data(value?.raw ?? Array("null".utf8)[...])
                $0.setAt = trait.milliseconds("setAt")
                $0.saidBy = .init(ConsentEntry.CredentialKind(rawValue: trait.text("setBy")) ?? .unknown)
            }
        }
    }

    var traits: TraitsRecord? {
        guard let traits = view.member("traits") else { return nil }
        let groups: [GroupMembershipRecord] = (traits.member("groups")?.elements ?? []).map { group in
            .with {
                $0.groupID = group.text("groupId")
                $0.joinedAt = group.milliseconds("joinedAt")
                $0.traits = Self.traits(group.member("traits")?.elements ?? [])
            }
        }
        return .with {
            $0.traits = Self.traits(traits.member("traits")?.elements ?? [])
            $0.groups = groups
            $0.updatedAt = ($0.traits + groups.flatMap(\.traits)).map(\.setAt).max() ?? 0
        }
    }

    var behavioralProfile: BehavioralProfileRecord? {
        guard let profile = view.member("behavioralProfile") else { return nil }
        return .with {
            $0.leadID = Data(profile.member("leadId")?.raw ?? [])
            $0.score = profile.member("score")?.number ?? 0
            $0.interests = profile.text("interests")
            if profile.member("lastEngagedAt") != nil { $0.lastEngagedAt = profile.milliseconds("lastEngagedAt") }
            $0.createdAt = profile.milliseconds("createdAt")
            $0.updatedAt = profile.milliseconds("updatedAt")
            $0.scoredAt = profile.milliseconds("scoredAt")
        }
    }

    // MARK: Behaviour

    /// The state without what follows from the events that are still there.
    func behavior(now: Timestamp) -> BehaviorState? {
        guard let behavior = view.member("behavior") else { return nil }
        var state = BehaviorState(now: now, isAnonymous: behavior.member("anonymous")?.bool ?? false)
        state.firstSeenAt = Timestamp(milliseconds: behavior.milliseconds("firstSeenAt"))
        state.lastSeenAt = Timestamp(milliseconds: behavior.milliseconds("lastSeenAt"))
        state.countedEvents = UInt64(clamping: behavior.member("countedEvents")?.integer ?? 0)
        state.sessions = UInt64(clamping: behavior.member("sessions")?.integer ?? 0)
        return state
    }

    /// How many sessions the export shows, the open one among them.
    var shownSessions: UInt64 { UInt64(list("sessions").count + (view.member("behavior")?.member("openSession") == nil ? 0 : 1)) }

    /// In the order in which they were received: what came late then comes late again, and changes as little.
    func events(of user: UserID, isAnonymous: Bool) -> [(event: Event, receivedAt: Timestamp)] {
        var events: [(event: Event, receivedAt: Timestamp)] = []
        for view in list("events") {
            guard var event = view.event else { continue }
            if !isAnonymous { event.userID = user }
            events.append((event, Timestamp(milliseconds: view.milliseconds("receivedAt"))))
        }
        let order = events.indices.sorted {
            (events[$0].receivedAt, events[$0].event.at, $0) < (events[$1].receivedAt, events[$1].event.at, $1)
        }
        return order.map { events[$0] }
    }

    /// Calls of the AI provider, with their places in the rings.
    var exchanges: [(place: UInt32, record: AIExchangeRecord)] {
        var (dashboards, suggestions): (UInt32, UInt32) = (0, 0)
        return list("aiExchanges").compactMap { exchange in
            let isDashboard = exchange.text("kind") == "dashboard"
            let count = isDashboard ? dashboards : suggestions
            guard count < UInt32(Limits.aiExchangesMax) else { return nil }
            if isDashboard { dashboards += 1 } else { suggestions += 1 }
            return (isDashboard ? count : count + UInt32(Limits.aiExchangesMax), exchange.exchange)
        }
    }
}

extension JSONView {
    /// Empty where the member is missing.
    fileprivate func text(_ name: String) -> String { member(name)?.string ?? "" }

    /// 0 where the member is missing or no time.
    fileprivate func milliseconds(_ name: String) -> Int64 {
        member(name)?.string.flatMap { Timestamp(rfc3339: $0) }?.milliseconds ?? 0
    }

    fileprivate var event: Event? {
        guard let kind = EventKind(name: text("type")), let at = member("at")?.string.flatMap({ Timestamp(rfc3339: $0) }),
            let id = member("messageId")?.string
        else { return nil }
        var event = Event(kind: kind, at: at, messageID: id)
        event.name = text("name")
        event.url = text("url")
        event.title = text("title")
        event.referrer = text("referrer")
        event.productID = member("productId")?.string
        event.groupBuyID = member("groupBuyId")?.string
        event.category = member("category")?.string
        event.sessionID = member("sessionId")?.string
        event.timeZone = member("timeZone")?.string ?? "UTC"
        event.properties = member("properties").map { Array($0.raw) } ?? []
        event.rating = member("rating")?.number
        event.isBot = member("isBot")?.bool ?? false
        event.anonymousID = member("anonymousId")?.string.flatMap { try? UserID($0) }
        event.dwellMilliseconds = UInt32(clamping: member("dwellMilliseconds")?.integer ?? 0)
        event.scrollPercent = UInt32(clamping: member("scrollPercent")?.integer ?? 0)
        return event
    }

    fileprivate var exchange: AIExchangeRecord {
        .with {
            $0.at = milliseconds("at")
            $0.kind = text("kind")
            $0.model = text("model")
            $0.promptVersion = UInt32(clamping: member("promptVersion")?.integer ?? 0)
            $0.sent = text("sent")
            $0.received = Data(text("received").utf8)
            $0.outcome = text("outcome")
            $0.tries = UInt32(clamping: member("tries")?.integer ?? 0)
            $0.inputTokens = UInt64(clamping: member("inputTokens")?.integer ?? 0)
            $0.outputTokens = UInt64(clamping: member("outputTokens")?.integer ?? 0)
        }
    }
}

extension ConsentChangeRecord.CredentialKind {
    fileprivate init(_ kind: ConsentEntry.CredentialKind) {
        switch kind {
        case .secretKey: self = .secretKey
        case .publishableKey: self = .publishableKey
        case .privacyKey: self = .privacyKey
        case .userToken: self = .userToken
        case .operatorConsole: self = .operator
        case .unknown: self = .unknown
        }
    }
}
