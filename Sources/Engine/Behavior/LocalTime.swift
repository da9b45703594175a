/// What clocks and calendars on the wall show at a moment, as far as behaviour asks.
package struct LocalTime: Sendable, Equatable {
    /// 0 to 23.
    package let hour: Int
    /// 0: Monday, to 6: Sunday.
    package let weekday: Int

    /// - Parameter zone: an IANA name; an unknown one is taken for UTC.
    package init(_ moment: Timestamp, in zone: String) {
        let local = moment.seconds + Int64(TimeZones.offsetSeconds(at: moment, in: zone))
        let day = local.flooredQuotient(86_400)
        hour = Int((local - day * 86_400) / 3600)
        // 1970-01-01 was a Thursday.
        let shifted = day + 3
        weekday = Int(shifted - shifted.flooredQuotient(7) * 7)
    }

    package var isWeekend: Bool { weekday >= 5 }
}

extension Timestamp {
    /// Days from 1970-01-01 to the UTC day of this moment.
    package var utcDay: Int64 { milliseconds.flooredQuotient(86_400_000) }
}
