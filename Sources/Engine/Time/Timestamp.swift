/// A moment in UTC with millisecond resolution, as every record and answer has it.
///
/// Wire form: RFC 3339 with a `Z`; the fraction is left out where it is zero.
package struct Timestamp: Hashable, Comparable, Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z; negative before.
    package let milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package init(seconds: Int64) {
        self.milliseconds = seconds * 1000
    }

    /// Whole seconds since the epoch, rounded down.
    package var seconds: Int64 { milliseconds.flooredQuotient(1000) }

    package static func < (lhs: Self, rhs: Self) -> Bool { lhs.milliseconds < rhs.milliseconds }

    /// `self` moved by a number of seconds.
    package func adding(seconds: Int64) -> Timestamp {
        Timestamp(milliseconds: milliseconds + seconds * 1000)
    }

    /// Seconds from `other` to `self`, with the fraction; negative where `other` is later.
    package func seconds(since other: Timestamp) -> Double {
        Double(milliseconds - other.milliseconds) / 1000
    }

    /// Days of 86,400 s from `other` to `self`, with the fraction.
    package func days(since other: Timestamp) -> Double {
        seconds(since: other) / 86_400
    }
}

extension Int64 {
    /// Division that rounds towards minus infinity, so that moments before 1970 fall in the right day.
    package func flooredQuotient(_ divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
