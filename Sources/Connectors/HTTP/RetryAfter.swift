package import Engine

/// The `Retry-After` header (RFC 9110, section 10.2.3): seconds, or a date.
package enum RetryAfter {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// - Returns: At most an hour, however much was asked for; nil where there is neither a number nor a date.
    package static func duration(_ text: String?, now: Timestamp) -> Duration? {
        guard let words = text?.split(whereSeparator: { $0 == " " || $0 == "\t" }), let first = words.first else { return nil }
        if words.count == 1, first.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) {
            // More digits than an integer holds are a long time all the same.
            return bounded(seconds: Int64(first) ?? .max)
        }
        return seconds(atDate: words).map { bounded(seconds: $0 - now.seconds) }
    }

    private static func bounded(seconds: Int64) -> Duration {
        .seconds(min(max(seconds, 0), Int64(ConnectorLimits.retryAfterSecondsMax)))
    }

    /// Since the epoch, of `Sun, 06 Nov 1994 08:49:37 GMT`: the one form that may be sent. The name of the day is not looked at.
    private static func seconds(atDate words: [Substring]) -> Int64? {
        guard words.count == 6, words[5] == "GMT", let month = months.firstIndex(of: String(words[2])),
            let day = number(words[1], digits: 2), let year = number(words[3], digits: 4),
            let date = CivilDate(year: year, month: month + 1, day: day)
        else { return nil }
        let time = words[4].split(separator: ":", omittingEmptySubsequences: false).map { number($0, digits: 2) }
        guard time.count == 3, let hour = time[0], let minute = time[1], let second = time[2],
            hour < 24, minute < 60, second <= 60
        else { return nil }
        return date.daysSinceEpoch * 86_400 + Int64(hour * 3600 + minute * 60 + second)
    }

    private static func number(_ text: Substring, digits: Int) -> Int? {
        text.utf8.count == digits && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 } ? Int(text) : nil
    }
}
