/// Reads events of the Segment tracking protocol, and what batches of them have in common.
///
/// Members that are `null` count as absent, those that are not known are ignored. Times are read as `Timestamp(foreign:)` and
/// `Timestamp(epoch:)` read them.
package struct SegmentReader: Sendable {
    /// When Attune has heard of the events.
    package let receivedAt: Timestamp
    /// Of the whole batch: when its sender believed to send it.
    package var sentAt: Timestamp?
    /// `context` of the whole batch.
    package var context: JSONView?
    /// Whether the request comes from a program, by its `User-Agent`.
    package var isBot = false
    /// The user whose token it is: an event that names nobody is that user's.
    package var owner: UserID?
    /// Whether events have the flat shape of `/api/track/page-view` and `/api/track/interaction`.
    package var isFlat = false
    /// Whether the events come from an archive: a file, or a route for history. They are not sent now, and keep their times.
    package var isArchive = false
    /// Makes the id of an event that has none.
    package var makeMessageID: @Sendable (Int) -> String

    package init(receivedAt: Timestamp, makeMessageID: @escaping @Sendable (Int) -> String) {
        self.receivedAt = receivedAt
        self.makeMessageID = makeMessageID
    }

    /// An event that cannot be taken, and why.
    package struct Refusal: Error, Sendable {
        package let messageID: String
        package let reason: EventOutcome.Reason
        package let violations: [EngineError.Violation]
    }

    /// - Parameters:
    ///   - kind: what the route says; nil: the event's `type` does.
    ///   - place: of the event in its batch.
    package func event(_ view: JSONView, kind: EventKind? = nil, place: Int = 0) -> Result<Event, Refusal> {
        var members = SegmentMembers(isFlat: isFlat)
        members.read(view)
        let messageID = members.messageID ?? makeMessageID(place)
        guard view.raw.count <= Limits.eventBytesMax else {
            return .failure(Refusal(messageID: messageID, reason: .tooLarge, violations: []))
        }
        guard !view.isSpoiled else {
            return refused(messageID, [.init(pointer: "", detail: "is not UTF-8, or is nested more than 128 levels deep")])
        }
        guard view.kind == .object else { return refused(messageID, [.init(pointer: "", detail: "must be an object")]) }
        guard let kind = kind ?? members.type.flatMap({ EventKind(name: $0) }) else {
            return refused(messageID, [.init(pointer: "/type", detail: "must be track, page, screen, identify, group or alias")])
        }
        var event = Event(kind: kind, at: moment(members), messageID: messageID)
        event.isBot = isBot
        members.fill(&event, sharedContext: context)
        if event.userID == nil { event.userID = owner }
        // Of a member of a wrong type it need not be said that it is missing too.
        var violations = members.violations
        let wrong = EventValidation.violations(of: event).map { violation in
            // What happened is called `type` in the flat shape.
            isFlat && violation.pointer == "/event" ? EngineError.Violation(pointer: "/type", detail: violation.detail) : violation
        }
        for found in wrong where !violations.contains(where: { $0.pointer == found.pointer }) {
            violations.append(found)
        }
        if violations.isEmpty { return .success(event) }
        let isPlaceholder = members.hasPlaceholder && violations.contains { $0.pointer == "/userId" }
        return refused(messageID, violations, isPlaceholder ? .id : .invalid)
    }

    private func refused(
        _ messageID: String, _ violations: [EngineError.Violation], _ reason: EventOutcome.Reason = .invalid
    ) -> Result<Event, Refusal> {
        .failure(Refusal(messageID: messageID, reason: reason, violations: violations))
    }

    /// When it happened, by our clock.
    ///
    /// Of a live event the sender's clock tells how long before sending it happened, which is taken off the moment of receipt (Segment,
    /// "Timestamps in the HTTP API"). An event that another collector has passed on, and one of an archive, was received elsewhere and
    /// another day: its `timestamp` is corrected already, and its `originalTimestamp` against that collector's receipt, where that is told.
    private func moment(_ members: SegmentMembers) -> Timestamp {
        let sentAt = members.sentAt ?? sentAt
        if let stated = members.timestamp {
            guard !isArchive, !members.isForwarded, let sentAt else { return stated }
            return stated.adding(receivedAt, since: sentAt)
        }
        guard let original = members.original else { return isArchive ? members.receivedAt ?? sentAt ?? receivedAt : receivedAt }
        guard let sentAt else { return original }
        if let collected = members.receivedAt { return original.adding(collected, since: sentAt) }
        // Sent another day it was not sent to us; a clock that is a day wrong is rarer.
        let isOfThatDay = isArchive || abs(receivedAt.seconds(since: sentAt)) > 86_400
        return isOfThatDay ? original : original.adding(receivedAt, since: sentAt)
    }
}

extension Timestamp {
    fileprivate func adding(_ end: Timestamp, since start: Timestamp) -> Timestamp {
        Timestamp(milliseconds: milliseconds + (end.milliseconds - start.milliseconds))
    }
}
