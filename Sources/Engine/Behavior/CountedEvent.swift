/// What behaviour counts of one event.
package struct CountedEvent: Sendable, Equatable {
    package let at: Timestamp
    package let local: LocalTime
    package let type: InteractionType?
    /// Keyed digests: what is counted as distinct needs no name.
    package let product: UInt64?
    package let group: UInt64?
    package let category: String?
    package let attention: PageAttention
    /// Whether it only tells how closely a page was looked at: nothing that the user did.
    package let isMeasurement: Bool

    /// When what it tells of began: a page is measured when it is left.
    var began: Timestamp {
        isMeasurement ? Timestamp(milliseconds: at.milliseconds - Int64(clamping: attention.dwellMilliseconds)) : at
    }

    package init(
        at: Timestamp, local: LocalTime, type: InteractionType? = nil, product: UInt64? = nil, group: UInt64? = nil,
        category: String? = nil, attention: PageAttention = PageAttention(), isMeasurement: Bool = false
    ) {
        self.at = at
        self.local = local
        self.type = type
        self.product = product
        self.group = group
        self.category = category
        self.attention = attention
        self.isMeasurement = isMeasurement
    }
}
