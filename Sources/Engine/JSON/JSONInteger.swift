/// JSON numbers that are integers, however they are written: a number with a zero fraction is one (JSON Schema 2020-12, validation, 6.1.1),
/// which is what pandas, Go and PHP write.
enum JSONInteger {
    /// - Parameter number: well-formed as RFC 8259, 6.
    /// - Returns: nil for what has a fraction, or needs more than 64 bits.
    static func value(_ number: ArraySlice<UInt8>) -> Int64? {
        if let plain = Int64(String(decoding: number, as: UTF8.self)) { return plain }
        let isNegative = number.first == UInt8(ascii: "-")
        var (digits, scale, place): ([UInt8], Int, Int) = ([], 0, number.startIndex + (isNegative ? 1 : 0))
        var isFraction = false
        while place < number.endIndex, !isExponent(number[place]) {
            if number[place] == UInt8(ascii: ".") {
                isFraction = true
            } else {
                digits.append(number[place] - UInt8(ascii: "0"))
                if isFraction { scale -= 1 }
            }
            place += 1
        }
        while digits.last == 0 {
            digits.removeLast()
            scale += 1
        }
        guard !digits.isEmpty else { return 0 }
        if place < number.endIndex {
            let exponent = String(decoding: number[(place + 1)...], as: UTF8.self)
            // One that is too large for an `Int` is too large for the number, or makes it a fraction.
            guard let exponent = Int(exponent), abs(exponent) < 1_000_000 else { return nil }
            scale += exponent
        }
        guard scale >= 0, scale < 20 else { return nil }
        var value: Int64 = 0
        for digit in digits + [UInt8](repeating: 0, count: scale) {
            let (tenfold, isOver) = value.multipliedReportingOverflow(by: 10)
            // Negative, since there is one more of these.
            let (next, isUnder) = tenfold.subtractingReportingOverflow(Int64(digit))
            guard !isOver, !isUnder else { return nil }
            value = next
        }
        guard !isNegative else { return value }
        return value == .min ? nil : -value
    }

    private static func isExponent(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") }
}

extension JSONTape {
    /// The text with integers as plain digits, for decoders that take `1.7e1` for no integer.
    package var withPlainIntegers: [UInt8] {
        guard hasDecimals else { return bytes }
        var plain: [UInt8] = []
        var start = 0
        for node in nodes where node.kind == .number {
            guard let integer = JSONInteger.value(bytes[Int(node.start)..<Int(node.end)]) else { continue }
            plain += bytes[start..<Int(node.start)] + Array(String(integer).utf8)
            start = Int(node.end)
        }
        return plain + bytes[start...]
    }
}
