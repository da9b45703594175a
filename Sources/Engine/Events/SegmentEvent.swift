/// Reads events of the Segment tracking protocol, and what batches of them have in common.
///
/// Members that are `null` count as absent, those that are not known are ignored. Times may have any number of fraction digits.
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
        return violations.isEmpty ? .success(event) : refused(messageID, violations)
    }

    private func refused(_ messageID: String, _ violations: [EngineError.Violation]) -> Result<Event, Refusal> {
        .failure(Refusal(messageID: messageID, reason: .invalid, violations: violations))
    }

    /// The moment by our clock: how long before sending it happened is what the sender's clock can tell.
    private func moment(_ members: SegmentMembers) -> Timestamp {
        guard let original = members.timestamp else { return receivedAt }
        guard let sentAt = members.sentAt ?? sentAt else { return original }
        return Timestamp(milliseconds: receivedAt.milliseconds - (sentAt.milliseconds - original.milliseconds))
    }
}
