/// How long there is for answering a data subject (GDPR, Art. 12 (3)): one month from receipt, which two further months may extend.
///
/// Periods are counted as Regulation (EEC, Euratom) No 1182/71 has it, Art. 3: the day of receipt does not count, a month ends with the day
/// of the same date, and where the last month has no such date, with its last day. Its rule for periods that end on a holiday or a weekend
/// is left out: holidays differ from country to country, and the earlier day is never late. Days are those of UTC.
package struct ResponsePeriod: Sendable, Equatable {
    private static let months = 1
    private static let monthsExtended = 3

    /// The last day on which an answer is in time.
    package let lastDay: CivilDate

    package init(receivedAt: Timestamp, isExtended: Bool) {
        let received = CivilDate(daysSinceEpoch: receivedAt.seconds.flooredQuotient(86_400))
        lastDay = received.adding(months: isExtended ? Self.monthsExtended : Self.months)
    }

    /// The last second of it.
    package var end: Timestamp { Timestamp(seconds: (lastDay.daysSinceEpoch + 1) * 86_400 - 1) }

    /// Days from today to the last day; negative: so many days late.
    package func daysLeft(now: Timestamp) -> Int {
        Int(lastDay.daysSinceEpoch - now.seconds.flooredQuotient(86_400))
    }
}

extension CivilDate {
    /// The same date so many months later, or the last day of a month that has no such date.
    package func adding(months: Int) -> CivilDate {
        let monthsSinceYearZero = year * 12 + month - 1 + months
        let (year, month) = (monthsSinceYearZero / 12, monthsSinceYearZero % 12 + 1)
        return CivilDate(year: year, month: month, day: min(day, Self.days(inMonth: month, of: year))) ?? self
    }

    /// `2026-11-21`.
    package var text: String {
        String(Timestamp(seconds: daysSinceEpoch * 86_400).rfc3339.prefix(10))
    }
}
