/// Times as programs outside write them.
///
/// Segment's SDKs write ISO 8601, of which RFC 3339 is a part: .NET writes a `DateTime` without a zone and with seven digits of a fraction,
/// Android's older formatter `+0000`, PynamoDB's `UTCDateTimeAttribute` `+0000`, Python's `isoformat` no offset, SQL and Ruby a space for
/// the `T`. Programs that use DynamoDB also keep seconds or milliseconds since 1970.
extension Timestamp {
    /// Reads ISO 8601 with or without an offset, a date alone, or digits that count seconds or milliseconds since 1970.
    ///
    /// Without an offset a time is UTC, a date alone is its first moment, and digits of a fraction past the third are dropped.
    /// - Returns: nil for anything else: for days and hours that do not exist, for years outside 0001 to 9999, and for numbers that
    ///   `init(epoch:)` refuses.
    package init?(foreign text: some StringProtocol) {
        // No form that is read is longer; this keeps a huge text from being copied.
        guard text.utf8.count <= Self.foreignBytesMax else { return nil }
        let text = String(decoding: text.utf8.drop { $0 == 0x20 }.reversed().drop { $0 == 0x20 }.reversed(), as: UTF8.self)
        if let number = Self.plainNumber(text) {
            self.init(epoch: number)
            return
        }
        var reader = DigitReader(text)
        guard let year = reader.number(digits: 4), reader.skip("-"), let month = reader.number(digits: 2), reader.skip("-"),
            let day = reader.number(digits: 2), let date = CivilDate(year: year, month: month, day: day), year > 0,
            let millisecond = reader.looseTimeOfDay(), let offset = reader.looseOffsetSeconds(), reader.isAtEnd
        else { return nil }
        self.init(milliseconds: date.daysSinceEpoch * 86_400_000 + Int64(millisecond) - Int64(offset) * 1000)
        guard Self.writable.contains(self) else { return nil }
    }

    /// Reads seconds or milliseconds since 1970: what is below 100,000,000,000 (the year 5138 in seconds, 1973 in milliseconds) is seconds.
    /// - Returns: nil below 100,000,000 (March 1973), so that zero, a year, or `20261121` is no time, and past the year 9999.
    package init?(epoch number: Double) {
        guard number >= 100_000_000, number <= Double(Self.writable.upperBound.milliseconds) else { return nil }
        self.init(milliseconds: Int64(number < 100_000_000_000 ? (number * 1000).rounded() : number.rounded(.down)))
        guard Self.writable.contains(self) else { return nil }
    }

    private static let foreignBytesMax = 128

    private static func plainNumber(_ text: String) -> Double? {
        let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
        guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }) else { return nil }
        return Double(text)
    }
}

extension JSONView {
    /// The time that stands here, as a text or as a number; nil for what is none.
    package var moment: Timestamp? {
        if let text = string { return Timestamp(foreign: text) }
        return number.flatMap { Timestamp(epoch: $0) }
    }
}

extension DigitReader {
    /// Milliseconds since midnight of what follows a date: nothing at all is midnight, and seconds may be missing.
    fileprivate mutating func looseTimeOfDay() -> Int? {
        if isAtEnd || startsWith("Z") { return 0 }
        guard skip("T") || skip("t") || skip(" "), let hour = number(digits: 2), hour < 24, skip(":"), let minute = number(digits: 2),
            minute < 60
        else { return nil }
        let minutes = (hour * 60 + minute) * 60_000
        guard skip(":") else { return minutes }
        // A leap second counts as the second before it.
        guard let second = number(digits: 2), second <= 60, let millisecond = fraction() else { return nil }
        return minutes + min(second, 59) * 1000 + millisecond
    }
}
