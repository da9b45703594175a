/// How closely pages were looked at, as clients measure it: of one event, of a day, of a session or of several days. Whole numbers.
package struct PageAttention: Sendable, Equatable {
    package var dwellMilliseconds: UInt64 = 0
    /// The most of a page that was seen, 0 to 100.
    package var scrollPercentMax: UInt32 = 0
    package var outboundClicks: UInt32 = 0

    package init() {}

    package init(dwellMilliseconds: UInt64, scrollPercentMax: UInt32, outboundClicks: UInt32) {
        self.dwellMilliseconds = dwellMilliseconds
        self.scrollPercentMax = scrollPercentMax
        self.outboundClicks = outboundClicks
    }

    init(_ event: Event) {
        dwellMilliseconds = UInt64(event.dwellMilliseconds)
        scrollPercentMax = event.scrollPercent
        outboundClicks = event.isOutboundClick ? 1 : 0
    }

    package var dwellSeconds: Double { Double(dwellMilliseconds) / 1000 }

    package mutating func add(_ other: PageAttention) {
        dwellMilliseconds += other.dwellMilliseconds
        scrollPercentMax = max(scrollPercentMax, other.scrollPercentMax)
        outboundClicks += other.outboundClicks
    }
}
