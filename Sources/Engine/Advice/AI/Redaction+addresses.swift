/// Mail addresses, links, handles, ids, numbers.
extension Redaction {
    /// Whether a word is a mail address, a link, or the name of a host.
    static func isAddress(_ text: some StringProtocol) -> Bool {
        let core = Word(text).core
        return isMail(core) || isLink(core)
    }

    static func replaceAddress(in word: inout Word) {
        let core = word.core
        if core.isEmpty || word.isRedacted { return }
        if isMail(core) {
            word.core = "[mail]"
        } else if isLink(core) {
            word.core = "[link]"
        } else if core.contains("@") {
            word.core = "[handle]"
        } else if isMixedID(core) {
            word.core = "[id]"
        }
    }

    private static func isMail(_ core: String) -> Bool {
        guard let at = core.firstIndex(of: "@"), at != core.startIndex else { return false }
        let host = core[core.index(after: at)...]
        return core.lowercased().hasPrefix("mailto:") || host.contains(".")
    }

    /// A scheme, or a host name: labels of letters and digits with dots between, the last of letters, at least two of them.
    private static func isLink(_ core: String) -> Bool {
        let lower = core.lowercased()
        if lower.contains("://") || lower.hasPrefix("www.") || lower.hasPrefix("mailto:") || lower.hasPrefix("tel:") { return true }
        let host = lower.prefix { $0 != "/" && $0 != "?" && $0 != "#" && $0 != ":" }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count >= 2, let last = labels.last, (2...24).contains(last.count), last.allSatisfy(\.isLetter) else { return false }
        return labels.dropLast().allSatisfy { label in
            !label.isEmpty && label.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" }
        } && labels.contains { $0.count > 2 }
    }

    /// Letters and at least four digits in one word, without its hyphens at least eight long: IBANs, UUIDs, number plates, order numbers.
    private static func isMixedID(_ core: String) -> Bool {
        let characters = core.unicodeScalars.filter { $0 != "-" && $0 != "_" && $0 != "." && $0 != "/" }
        guard characters.count >= 8, characters.allSatisfy({ $0.properties.isAlphabetic || isDigit($0) }) else { return false }
        return characters.count(where: isDigit) >= 4 && characters.contains { $0.properties.isAlphabetic }
    }

    static func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.numericType == .decimal }

    /// "ada at example dot com", "ada [at] example [dot] com".
    static func replaceSpelledMail(in words: inout [Word]) {
        func spells(_ word: Word, _ sign: String) -> Bool {
            word.text.lowercased().filter { $0.isLetter } == sign && word.text.count <= sign.count + 2
        }
        var index = 1
        while index + 3 < words.count {
            if spells(words[index], "at"), spells(words[index + 2], "dot"), !words[index - 1].core.isEmpty {
                words[index - 1].core = "[mail]"
                words[index - 1].trail = words[index + 3].trail
                words.removeSubrange(index...(index + 3))
            }
            index += 1
        }
    }

    /// Telephone numbers and other long runs of digits, with what may stand between their groups.
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

    /// Groups of digits with at most two separators between them.
    private struct DigitRun {
        private static let separators: Set<Unicode.Scalar> = [" ", "-", ".", "/", "(", ")", "–", "\u{2010}", "\u{2011}", "_", "·"]

        private(set) var range: Range<Int>
        private var groups: [Int] = []
        private let startsAsNumber: Bool
        private var value = 0

        init?(_ scalars: [Unicode.Scalar], from start: Int) {
            var position = start
            while position < scalars.count, scalars[position] == "+" || scalars[position] == "(" { position += 1 }
            guard position < scalars.count, position - start <= 3, Redaction.isDigit(scalars[position]) else { return nil }
            startsAsNumber = position > start || scalars[position].properties.numericValue == 0
            range = start..<start
            while position < scalars.count {
                let first = position
                while position < scalars.count, Redaction.isDigit(scalars[position]) { position += 1 }
                guard position > first else { break }
                groups.append(position - first)
                if position - first == 4 {
                    value = scalars[first..<position].reduce(0) { $0 * 10 + Int($1.properties.numericValue ?? 0) }
                    if (1900...2100).contains(value) { years += 1 }
                }
                range = start..<position
                var gap = 0
                while position < scalars.count, gap < 3, Self.separators.contains(scalars[position]) {
                    position += 1
                    gap += 1
                }
                if gap == 0 || gap > 2 { break }
            }
        }

        private var years = 0

        /// Whether it is long enough to be somebody's. Two years in a row are a span of time.
        var identifies: Bool {
            let digits = groups.reduce(0, +)
            if groups.count == 2, years == 2 { return false }
            return groups.contains { $0 >= 6 } || digits >= 7 || (startsAsNumber && digits >= 5)
        }
    }
}
