import Connectors
import Engine
import Testing

@Suite struct RetryAfterTests {
    @Test(arguments: [
        ("2", 2), ("0", 0), (" 7\t", 7), ("3600", 3600), ("3601", 3600), ("99999999999999999999999", 3600),
        ("Thu, 20 Jun 2024 08:15:30 GMT", 30), ("Thu, 20 Jun 2024 08:14:00 GMT", 0), ("Fri, 21 Jun 2024 08:15:00 GMT", 3600),
    ]) func readsSecondsAndDates(text: String, seconds: Int) {
        #expect(RetryAfter.duration(text, now: .example) == .seconds(seconds))
    }

    @Test(arguments: [nil, "", " ", "-1", "1.5", "soon", "2 s", "٣", "2024-06-20T08:15:30Z", "Thu, 99 Jun 2024 08:15:30 GMT"])
    func everythingElseIsNothing(text: String?) {
        #expect(RetryAfter.duration(text, now: .example) == nil)
    }
}
