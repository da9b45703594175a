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

    package static func percent(_ part: some BinaryInteger, of whole: some BinaryInteger) -> String {
        whole == 0 ? "0 %" : "\(Int((Double(part) / Double(whole) * 100).rounded())) %"
    }

    /// How sure a prediction from 0 to 1 is: in words, with the number behind.
    package static func confidence(_ value: Double) -> String {
        let word =
            switch value {
            case 0.5...: "High"
            case 0.2...: "Fair"
            default: "Low"
            }
        return "\(word) confidence (\(Int((value * 100).rounded())) %)"
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

    /// `21 Nov 10:29` of this year, `21 Nov 2025` of another; UTC.
    package static func date(_ moment: Timestamp, now: Timestamp) -> String {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let date = CivilDate(daysSinceEpoch: moment.seconds.flooredQuotient(86_400))
        let thisYear = CivilDate(daysSinceEpoch: now.seconds.flooredQuotient(86_400)).year
        let day = "\(date.day) \(months[date.month - 1])"
        guard date.year == thisYear else { return "\(day) \(date.year)" }
        let minute = Int((moment.seconds - moment.seconds.flooredQuotient(86_400) * 86_400) / 60)
        return "\(day) \(twoDigits(minute / 60)):\(twoDigits(minute % 60))"
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
