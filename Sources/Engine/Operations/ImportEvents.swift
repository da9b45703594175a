/// Takes a part of a file of events: lines of the Segment tracking protocol's JSON, one event each.
///
/// A line without a `messageId` gets one that follows from its bytes, so that a part that is sent again doubles nothing.
package struct ImportEvents: EngineOperation {
    package static let name = "events.import"
    private let tenant: String
    private let lines: [String]

    /// What the lines came to.
    package struct Answer: Codable, Sendable {
        package var accepted = 0
        package var duplicates = 0
        /// By reason.
        package var rejected: [String: Int] = [:]
        /// Lines to be mended. Events of users who do not consent are counted above, and are none of them.
        package var refused: [RefusedLine] = []

        fileprivate mutating func refuse(_ index: Int, _ name: String, _ reason: String) {
            rejected[name, default: 0] += 1
            refused.append(RefusedLine(index: index, reason: reason))
        }
    }

    package init(tenant: String, lines: [String]) {
        self.tenant = tenant
        self.lines = lines
    }

    package func perform(on engine: AttuneEngine) async throws(EngineError) -> Answer {
        let tenant = try engine.tenant(named: tenant)
        let scope = engine.console(for: tenant)
        var answer = Answer()
        var events: [(index: Int, event: Result<Event, SegmentReader.Refusal>)] = []
        for (index, line) in lines.enumerated() {
            guard let tape = JSONTape(Array(line.utf8), isMended: true) else {
                answer.refuse(index, "malformed", RefusedLine.malformed)
                continue
            }
            if let item = tape.root.member("Item") {
                switch try await ProfileImport.take(item, scope) {
                case .taken: answer.accepted += 1
                case .refused: answer.rejected[ProfileImport.Outcome.refused.rawValue, default: 0] += 1
                case let refused: answer.refuse(index, refused.rawValue, "is no item USER#… with the sort key PERSONALIZATION")
                }
                continue
            }
            let digest = try tenant.table.digest([Array("line".utf8), Array(line.utf8)])
            var reader = SegmentReader(receivedAt: scope.now) { _ in "line-\(digest)" }
            // A line of a file is not received now.
            reader.isArchive = true
            events.append((index, reader.event(tape.root)))
        }
        for (event, outcome) in zip(events, try await engine.events.take(scope, events.map(\.event), .init())) {
            switch outcome.status {
            case .accepted: answer.accepted += 1
            case .duplicate: answer.duplicates += 1
            case .rejected(.consent): answer.rejected[EventOutcome.Reason.consent.rawValue, default: 0] += 1
            case .rejected(let reason): answer.refuse(event.index, reason.rawValue, Self.text(reason, event.event))
            }
        }
        return answer
    }

    private static func text(_ reason: EventOutcome.Reason, _ event: Result<Event, SegmentReader.Refusal>) -> String {
        if case .failure(let refusal) = event, !refusal.violations.isEmpty { return EngineError.invalid(refusal.violations).reason }
        return switch reason {
        case .consent: "the user does not consent"
        case .invalid: "is not a valid event"
        case .tooLarge: "is longer than \(Limits.eventBytesMax) bytes"
        case .forbidden: "is of another user"
        case .timestamp: "timestamp is older than this tenant keeps events, or in the future"
        case .id: "userId is no id of a person"
        }
    }
}
