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

    package init(
        at: Timestamp, local: LocalTime, type: InteractionType? = nil, product: UInt64? = nil, group: UInt64? = nil,
        category: String? = nil, attention: PageAttention = PageAttention()
    ) {
        self.at = at
        self.local = local
        self.type = type
        self.product = product
        self.group = group
        self.category = category
        self.attention = attention
    }
}
