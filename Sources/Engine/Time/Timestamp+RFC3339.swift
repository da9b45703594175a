/// RFC 3339 text. FoundationEssentials has a formatter, which measured at 2 to 7 µs a date; a profile holds dozens.
extension Timestamp {
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
        let secondOfDay = hour * 3600 + minute * 60 + min(second, 59)
        let seconds = date.daysSinceEpoch * 86_400 + Int64(secondOfDay - offset)
        self.init(milliseconds: seconds * 1000 + Int64(millisecond))
    }
}

/// Walks over the fixed fields of an RFC 3339 date.
private struct DigitReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: some StringProtocol) {
        bytes = Array(text.utf8)
    }

    var isAtEnd: Bool { position == bytes.count }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func digit() -> Int? {
        guard let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
        position += 1
        return Int(byte - UInt8(ascii: "0"))
    }

    mutating func number(digits: Int) -> Int? {
        var value = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// Milliseconds of an optional fraction; nil for a point without digits.
    mutating func fraction() -> Int? {
        guard skip(".") || skip(",") else { return 0 }
        guard var value = digit() else { return nil }
        var digits = 1
        while let digit = digit() {
            if digits < 3 { value = value * 10 + digit }
            digits += 1
        }
        while digits < 3 {
            value *= 10
            digits += 1
        }
        return value
    }

    /// Seconds east of Greenwich of `Z` or `±hh:mm`; nil for anything else.
    mutating func offsetSeconds() -> Int? {
        if skip("Z") || skip("z") { return 0 }
        let sign = skip("+") ? 1 : skip("-") ? -1 : 0
        guard sign != 0, let hours = number(digits: 2), skip(":"), let minutes = number(digits: 2), hours < 24, minutes < 60
        else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}
