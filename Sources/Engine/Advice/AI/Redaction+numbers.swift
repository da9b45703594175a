/// Telephone numbers, dates and other long runs of digits.
extension Redaction {
    /// With what may stand between their groups.
    static func withoutNumbers(_ text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        var result = String.UnicodeScalarView()
        var position = 0
        while position < scalars.count {
            guard let run = DigitRun(scalars, from: position) else {
                result.append(scalars[position])
                position += 1
                continue
            }
            if run.identifies {
                result.append(contentsOf: "[number]".unicodeScalars)
            } else {
                result.append(contentsOf: scalars[run.range])
            }
            position = run.range.upperBound
        }
        return String(result)
    }

    /// Groups of digits with at most three separators between them.
    private struct DigitRun {
        private struct Group {
            let digits: Int
            /// Of groups of at most four digits.
            let value: Int
            /// What stands before it; empty before the first.
            let gap: String

            var isYear: Bool { digits == 4 && (1900...2100).contains(value) }
        }

        private static let separators: Set<Unicode.Scalar> = [
            " ", "-", ".", "/", "(", ")", "–", "—", "\u{2010}", "\u{2011}", "_", "·", ",", ":", ";", "|", "*", "'", "’", "~", "\\", "=",
            "+",
        ]
        private static let gapMax = 3
        private static let currencies: Set<Unicode.Scalar> = ["$", "€", "£", "¥", "₹"]

        private(set) var range: Range<Int>
        private var groups: [Group] = []
        private let startsAsNumber: Bool
        private let isMoney: Bool

        init?(_ scalars: [Unicode.Scalar], from start: Int) {
            var position = start
            while position < scalars.count, scalars[position] == "+" || scalars[position] == "(" { position += 1 }
            guard position < scalars.count, position - start <= 3, Redaction.isDigit(scalars[position]) else { return nil }
            startsAsNumber = position > start || scalars[position].properties.numericValue == 0
            isMoney = start > 0 && Self.currencies.contains(scalars[start - 1])
            range = start..<start
            var gap = ""
            while position < scalars.count {
                let first = position
                while position < scalars.count, Redaction.isDigit(scalars[position]) { position += 1 }
                guard position > first else { break }
                let value = scalars[first..<position].prefix(4).reduce(0) { $0 * 10 + Int($1.properties.numericValue ?? 0) }
                groups.append(Group(digits: position - first, value: value, gap: gap))
                range = start..<position
                let end = scalars[position...].prefix { Self.separators.contains($0) }
                guard (1...Self.gapMax).contains(end.count) else { break }
                gap = String(String.UnicodeScalarView(end))
                position = end.endIndex
            }
        }

        /// Whether it could be somebody's. Years in a row are a span of time, hours are hours, and thousands set apart are an amount.
        var identifies: Bool {
            if isDate { return true }
            if isSpanOfYears || isHours || isAmount { return false }
            let digits = groups.reduce(0) { $0 + $1.digits }
            return groups.contains { $0.digits >= 6 } || digits >= 7 || (startsAsNumber && digits >= 5)
        }

        /// Day, month and year, or the year first; of a year of two digits day and month must be ones.
        private var isDate: Bool {
            groups.count >= 3 && (0...(groups.count - 3)).contains { Self.isDate(groups[$0], groups[$0 + 1], groups[$0 + 2]) }
        }

        private static func isDate(_ first: Group, _ middle: Group, _ last: Group) -> Bool {
            guard middle.digits <= 2 else { return false }
            let isBetween = (1...31).contains(middle.value) && !middle.gap.allSatisfy { $0 == " " }
            if (first.digits <= 2 && last.digits == 4) || (first.digits == 4 && last.digits <= 2) { return isBetween }
            guard first.digits <= 2, last.digits == 2, [".", "/", "-"].contains(middle.gap), last.gap == middle.gap else { return false }
            return isBetween && (1...31).contains(first.value) && min(first.value, middle.value) <= 12
        }

        /// "2024-2026", "2024, 2025, 2026".
        private var isSpanOfYears: Bool {
            groups.allSatisfy(\.isYear) && (groups.count <= 2 || groups.dropFirst().allSatisfy { $0.gap.contains(",") })
        }

        /// "9:30, 12:30", "9:30-18:00".
        private var isHours: Bool {
            groups.count.isMultiple(of: 2)
                && groups.indices.allSatisfy { index in
                    let group = groups[index]
                    return index.isMultiple(of: 2)
                        ? group.digits <= 2 && group.value < 24 && group.gap != ":" && group.gap != " "
                        : group.digits == 2 && group.value < 60 && group.gap == ":"
                }
        }

        /// "1,250,000". From nine digits on, as telephones have them, only with a currency before.
        private var isAmount: Bool {
            guard groups.count >= 2, let first = groups.first, first.digits <= 3, first.value > 0, !startsAsNumber else { return false }
            return groups.dropFirst().allSatisfy { $0.digits == 3 && $0.gap == "," } && (isMoney || groups.count * 3 - 3 + first.digits < 9)
        }
    }
}
