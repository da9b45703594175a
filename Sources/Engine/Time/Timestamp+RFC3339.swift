/// RFC 3339 text. FoundationEssentials has a formatter, which measured at 2 to 7 µs a date; a profile holds dozens.
extension Timestamp {
    /// The years 0001 to 9999, which are all that RFC 3339 can write.
    static let writable = Timestamp(milliseconds: -62_135_596_800_000)...Timestamp(milliseconds: 253_402_300_799_999)

    /// `2026-11-21T06:49:32Z`, or `2026-11-21T06:49:32.120Z` where there is a fraction.
    package var rfc3339: String {
        String(unsafeUninitializedCapacity: 24) { bytes in
            write(to: bytes)
        }
    }

    private func write(to bytes: UnsafeMutableBufferPointer<UInt8>) -> Int {
        let days = seconds.flooredQuotient(86_400)
        let secondOfDay = Int(seconds - days * 86_400)
        let date = CivilDate(daysSinceEpoch: days)
        let fraction = Int(milliseconds - seconds * 1000)
        func put(_ value: Int, digits: Int, at start: Int) {
            var rest = value
            for position in stride(from: start + digits - 1, through: start, by: -1) {
                bytes[position] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            }
        }
        put(date.year, digits: 4, at: 0)
        bytes[4] = UInt8(ascii: "-")
        put(date.month, digits: 2, at: 5)
        bytes[7] = UInt8(ascii: "-")
        put(date.day, digits: 2, at: 8)
        bytes[10] = UInt8(ascii: "T")
        put(secondOfDay / 3600, digits: 2, at: 11)
        bytes[13] = UInt8(ascii: ":")
        put(secondOfDay / 60 % 60, digits: 2, at: 14)
        bytes[16] = UInt8(ascii: ":")
        put(secondOfDay % 60, digits: 2, at: 17)
        guard fraction > 0 else {
            bytes[19] = UInt8(ascii: "Z")
            return 20
        }
        bytes[19] = UInt8(ascii: ".")
        put(fraction, digits: 3, at: 20)
        bytes[23] = UInt8(ascii: "Z")
        return 24
    }

    /// Reads RFC 3339 with any offset and any number of fraction digits (those past the third are dropped).
    /// - Returns: nil for anything else, for days and hours that do not exist, and for years outside 0001 to 9999.
    package init?(rfc3339 text: some StringProtocol) {
        var reader = DigitReader(text)
        guard let year = reader.number(digits: 4), reader.skip("-"),
            let month = reader.number(digits: 2), reader.skip("-"),
            let day = reader.number(digits: 2), reader.skip("T") || reader.skip("t") || reader.skip(" "),
            let hour = reader.number(digits: 2), reader.skip(":"),
            let minute = reader.number(digits: 2), reader.skip(":"),
            let second = reader.number(digits: 2),
            let date = CivilDate(year: year, month: month, day: day),
            hour < 24, minute < 60, second <= 60, year > 0
        else { return nil }
        guard let millisecond = reader.fraction(), let offset = reader.offsetSeconds(), reader.isAtEnd else { return nil }
        // A leap second counts as the second before it.
        let secondOfDay = hour * 3600 + minute * 60 + min(second, 59)
        let seconds = date.daysSinceEpoch * 86_400 + Int64(secondOfDay - offset)
        self.init(milliseconds: seconds * 1000 + Int64(millisecond))
        guard Self.writable.contains(self) else { return nil }
    }
}
