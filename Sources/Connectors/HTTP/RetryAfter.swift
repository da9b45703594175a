package import Engine
import FoundationEssentials

/// The `Retry-After` header (RFC 9110, section 10.2.3): seconds, or a date.
package enum RetryAfter {
    /// - Returns: At most an hour, however much was asked for; nil where there is neither a number nor a date.
    package static func duration(_ text: String?, now: Timestamp) -> Duration? {
        guard let text = text?.trimmingBlanks(), !text.isEmpty else { return nil }
        if text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) {
            // More digits than an integer holds are a long time all the same.
            return bounded(seconds: Int64(text) ?? .max)
        }
        guard let date = try? Date.HTTPFormatStyle().parse(text) else { return nil }
        return bounded(seconds: Int64(date.timeIntervalSince1970) - now.seconds)
    }

    private static func bounded(seconds: Int64) -> Duration {
        .seconds(min(max(seconds, 0), Int64(ConnectorLimits.retryAfterSecondsMax)))
    }
}

extension String {
    fileprivate func trimmingBlanks() -> String {
        String(drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
