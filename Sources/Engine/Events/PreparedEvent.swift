import SwiftProtobuf

/// An event with all that can be worked out of it before its turn in the store comes.
///
/// A class, since it has some thirty parts and goes from list to list: a copy costs one reference, not thirty.
final class PreparedEvent: Sendable {
    let event: Event
    let receivedAt: Timestamp
    /// Keyed digest of the message id.
    let digest: UInt64
    /// nil: of a kind that is not counted, or sent by a program.
    let counted: CountedEvent?
    let page: String?
    /// The event as a page of one event.
    let encoded: [UInt8]

    /// - Parameter receivedAt: when Attune heard of it.
    init(_ event: Event, receivedAt: Timestamp, table: Table) throws(EngineError) {
        self.event = event
        self.receivedAt = receivedAt
        digest = try table.number("message", event.messageID.utf8)
        let isCounted = event.kind.isCounted && !event.isBot
        if isCounted {
            let product = try event.productID.map { id throws(EngineError) in try table.number("product", id.utf8) }
            let group = try event.groupBuyID.map { id throws(EngineError) in try table.number("group", id.utf8) }
            counted = CountedEvent(
                at: event.at, local: LocalTime(event.at, in: event.timeZone), type: event.type, product: product, group: group,
                category: event.category, attention: PageAttention(event), isMeasurement: event.isMeasurement)
        } else {
            counted = nil
        }
        page = isCounted ? event.page : nil
        let record = EventPageRecord.with { $0.events = [EventRecord(event, receivedAt: receivedAt)] }
        do {
            encoded = try record.serializedBytes()
        } catch {
            throw EngineError(.internalError, "An event could not be written.")
        }
    }
}
