/// Digits of base 62, in the order 0-9, A-Z, a-z.
enum Base62 {
    static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    static func isDigit(_ character: UInt8) -> Bool {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        default: false
        }
    }

    /// The number's digits, padded on the left with zeros to `width`, which must be enough (6 for 32 bits).
    static func digits(of number: UInt32, width: Int) -> [UInt8] {
        var digits = [UInt8](repeating: alphabet[0], count: width)
        var rest = number
        for position in digits.indices.reversed() {
            digits[position] = alphabet[Int(rest % 62)]
            rest /= 62
        }
        precondition(rest == 0, "the width is too small")
        return digits
    }

    /// Random digits, each equally likely.
    static func randomDigits(_ count: Int, using generator: inout some RandomNumberGenerator) -> [UInt8] {
        (0..<count).map { _ in alphabet[Int.random(in: alphabet.indices, using: &generator)] }
    }
}
