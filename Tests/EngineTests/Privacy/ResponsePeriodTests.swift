import Engine
import Testing

@Suite("ResponsePeriod") struct ResponsePeriodTests {
    private func moment(_ text: String) throws -> Timestamp { try #require(Timestamp(rfc3339: text)) }

    /// The date of the next month, or its last day; two further months count from receipt, not from the end of the first.
    @Test(arguments: [
        ("2026-11-21T16:00:00Z", "2026-12-21", "2027-02-21"), ("2026-01-31T00:00:00Z", "2026-02-28", "2026-04-30"),
        ("2028-01-31T23:59:59.999Z", "2028-02-29", "2028-04-30"), ("2028-01-30T12:00:00Z", "2028-02-29", "2028-04-30"),
        ("2026-02-28T12:00:00Z", "2026-03-28", "2026-05-28"), ("2026-08-31T12:00:00Z", "2026-09-30", "2026-11-30"),
        ("2026-11-30T12:00:00Z", "2026-12-30", "2027-02-28"), ("2026-12-31T23:59:59Z", "2027-01-31", "2027-03-31"),
        ("2100-01-29T12:00:00Z", "2100-02-28", "2100-04-29"), ("2000-01-29T12:00:00Z", "2000-02-29", "2000-04-29"),
    ])
    func lastDay(received: String, standard: String, extended: String) throws {
        let receivedAt = try moment(received)
        #expect(ResponsePeriod(receivedAt: receivedAt, isExtended: false).lastDay.text == standard)
        #expect(ResponsePeriod(receivedAt: receivedAt, isExtended: true).lastDay.text == extended)
        #expect(ResponsePeriod(receivedAt: receivedAt, isExtended: false).end.rfc3339 == standard + "T23:59:59Z")
    }

    @Test(arguments: [
        ("2026-01-31T08:00:00Z", 28), ("2026-02-27T23:59:59Z", 1), ("2026-02-28T00:00:00Z", 0), ("2026-02-28T23:59:59Z", 0),
        ("2026-03-01T00:00:00Z", -1), ("2026-03-31T00:00:00Z", -31),
    ])
    func daysLeft(now: String, days: Int) throws {
        let period = ResponsePeriod(receivedAt: try moment("2026-01-31T08:00:00Z"), isExtended: false)
        #expect(period.daysLeft(now: try moment(now)) == days)
    }
}
