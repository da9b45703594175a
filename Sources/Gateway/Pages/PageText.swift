package import Engine

/// How numbers and times are written on pages.
package enum PageText {
    /// `1,234,567`
    package static func number(_ value: some BinaryInteger) -> String {
        let digits = String(value.magnitude)
        var grouped = value < 0 ? "-" : ""
        for (position, digit) in digits.enumerated() {
            if position > 0, (digits.count - position).isMultiple(of: 3) { grouped += "," }
            grouped.append(digit)
        }
        return grouped
    }

    /// `3 users`, `1 user`
    package static func count(_ value: some BinaryInteger, _ noun: String) -> String {
        "\(number(value)) \(noun)\(value == 1 ? "" : "s")"
    }

    /// A share, rounded: `12%`. `0%` is none and `100%` is all, never something close to it.
    package static func percent(_ part: some BinaryInteger, of whole: some BinaryInteger) -> String {
        guard part > 0, whole > 0 else { return "0%" }
        guard part < whole else { return "100%" }
        switch Int((Double(part) / Double(whole) * 100).rounded()) {
        case ..<1: return "<1%"
        case let rounded: return "\(min(99, rounded))%"
        }
    }

    /// A value from 0 to 1 that thresholds apply to, in whole percent and rounded down, so that it never seems to have reached one.
    package static func percent(_ value: Double) -> String {
        value > 0 && value < 0.01 ? "<1%" : "\(wholePercent(value))%"
    }

    /// A value from 0 to 1 in whole percent, rounded down.
    package static func wholePercent(_ value: Double) -> Int {
        // 0.29 * 100 is 28.999999999999996.
        value < 1 ? min(99, Int((value * 100 + 1e-9).rounded(.down))) : 100
    }

    /// A score from 0 to 100 with one decimal place, rounded down, so that 39.99 does not look like the 40 of the next level.
    package static func score(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded(.down))
        return "\(tenths / 10).\(tenths % 10)"
    }

    /// A code in words: `Key created` for `key-created`.
    package static func words(_ code: String) -> String {
        let text = code.replacing("-", with: " ").replacing("_", with: " ")
        return text.prefix(1).uppercased() + text.dropFirst()
    }

    /// How sure a prediction from 0 to 1 is: in words, with the number behind.
    package static func confidence(_ value: Double) -> String {
        let word =
            switch value {
            case 0.5...: "High"
            case 0.2...: "Fair"
            default: "Low"
            }
        return "\(word) confidence (\(percent(value)))"
    }

    /// One digit behind the point.
    package static func decimal(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(number(tenths / 10)).\(abs(tenths % 10))"
    }

    /// `5 min`, `3 h`, `12 days`: the largest unit.
    package static func duration(seconds: Int) -> String {
        switch seconds {
        case ..<60: "\(max(0, seconds)) s"
        case ..<3600: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3600) h"
        default: "\(seconds / 86_400) days"
        }
    }

    package static func ago(_ moment: Timestamp, now: Timestamp) -> String {
        let seconds = Int(now.seconds(since: moment))
        return seconds < 5 ? "just now" : "\(duration(seconds: seconds)) ago"
    }

    /// `Nov 21, 10:29` in this year, `Nov 21, 2025` in another; UTC.
    package static func date(_ moment: Timestamp, now: Timestamp) -> String {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let date = CivilDate(daysSinceEpoch: moment.seconds.flooredQuotient(86_400))
        let thisYear = CivilDate(daysSinceEpoch: now.seconds.flooredQuotient(86_400)).year
        let day = "\(months[date.month - 1]) \(date.day)"
        guard date.year == thisYear else { return "\(day), \(date.year)" }
        let minute = Int((moment.seconds - moment.seconds.flooredQuotient(86_400) * 86_400) / 60)
        return "\(day), \(twoDigits(minute / 60)):\(twoDigits(minute % 60))"
    }

    package static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
}

/// A moment as a `time` element names it.
struct PageMoment: Sendable {
    let iso: String
    let text: String

    init(_ moment: Timestamp, now: Timestamp) {
        iso = moment.rfc3339
        text = PageText.ago(moment, now: now)
    }
}
