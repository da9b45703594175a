import FoundationEssentials
import SwiftProtobuf

/// The stored form of an event.
extension EventRecord {
    init(_ event: Event, receivedAt: Timestamp) {
        self.init()
        at = event.at.milliseconds
        self.receivedAt = receivedAt.milliseconds
        kind = event.kind.rawValue
        name = event.name
        messageID = event.messageID
        url = event.url
        title = event.title
        referrer = event.referrer
        productID = event.productID ?? ""
        groupBuyID = event.groupBuyID ?? ""
        category = event.category ?? ""
        sessionID = event.sessionID ?? ""
        timeZone = event.timeZone
        properties = Data(event.properties)
        if let rating = event.rating { self.rating = rating }
        isBot = event.isBot
        anonymousID = event.anonymousID?.text ?? ""
        dwellMilliseconds = event.dwellMilliseconds
        scrollPercent = event.scrollPercent
        namesUser = event.userID != nil && event.anonymousID != nil && !event.cameUnderVisitor
    }
}

extension Event {
    /// - Returns: nil for a kind that this program does not know.
    init?(_ record: EventRecord) {
        guard let kind = EventKind(rawValue: record.kind) else { return nil }
        self.init(kind: kind, at: Timestamp(milliseconds: record.at), messageID: record.messageID)
        func present(_ text: String) -> String? { text.isEmpty ? nil : text }
        name = record.name
        url = record.url
        title = record.title
        referrer = record.referrer
        productID = present(record.productID)
        groupBuyID = present(record.groupBuyID)
        category = present(record.category)
        sessionID = present(record.sessionID)
        timeZone = record.timeZone
        properties = Array(record.properties)
        rating = record.hasRating ? record.rating : nil
        isBot = record.isBot
        anonymousID = present(record.anonymousID).flatMap { try? UserID($0) }
        dwellMilliseconds = record.dwellMilliseconds
        scrollPercent = record.scrollPercent
        cameUnderVisitor = anonymousID != nil && !record.namesUser
    }
}
