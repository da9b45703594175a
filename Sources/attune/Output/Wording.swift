/// English for counts.
enum Wording {
    /// `1 tenant`, `2 tenants`, `1,204 items`.
    static func count(_ number: some BinaryInteger, _ noun: String, _ plural: String? = nil) -> String {
        "\(grouped(number)) \(number == 1 ? noun : plural ?? noun + "s")"
    }

    /// Digits in groups of three: `8,254`.
    static func grouped(_ number: some BinaryInteger) -> String {
        var text = ""
        let digits = String(number.magnitude)
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return number < 0 ? "-" + text : text
    }

    /// Kinds of items with their counts, the most frequent first: `Event 12, TraitsSet 1`.
    static func kinds(_ counts: [String: UInt64]) -> String {
        let ranked = counts.filter { $0.value > 0 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return ranked.isEmpty ? "nothing" : ranked.map { "\($0.key) \(grouped($0.value))" }.joined(separator: ", ")
    }
}
