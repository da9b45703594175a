/// A request as the API, the command and the pages show it.
package struct DataRequestDocument: Codable, Sendable, Equatable {
    package struct Extension: Codable, Sendable, Equatable {
        package let at: String
        package let reason: String
    }

    package let id: String
    package let type: String
    package let source: String
    package let regulation: String
    /// Keyed digest of the user's id; nil where it is about several or it is not known yet.
    package let subject: String?
    package let subjects: Int
    package let status: String
    /// What stands in the way, or has kept some of it from being done: "hold".
    package let blockedBy: String?
    package let receivedAt: String
    /// The last second, and the last day, of the period for answering.
    package let dueAt: String
    package let dueOn: String
    /// nil where it has ended; negative: so many days late.
    package let daysLeft: Int?
    package let overdue: Bool
    package let `extension`: Extension?
    package let completedAt: String?
    package let receiptId: String?

    package init(_ request: DataRequest, now: Timestamp) {
        (id, type, source, status) = (request.id.text, request.kind.rawValue, request.source.rawValue, request.status.rawValue)
        (regulation, subject, subjects) = (request.regulation, request.subject, request.subjects)
        blockedBy = request.obstacle?.rawValue
        receivedAt = request.receivedAt.rfc3339
        (dueAt, dueOn) = (request.period.end.rfc3339, request.period.lastDay.text)
        daysLeft = request.daysLeft(now: now)
        overdue = daysLeft.map { $0 < 0 } ?? request.endedAt.map { $0 > request.period.end } ?? false
        `extension` = request.extensionGiven.map { Extension(at: $0.at.rfc3339, reason: $0.reason) }
        completedAt = request.endedAt?.rfc3339
        receiptId = request.receiptID
    }
}
