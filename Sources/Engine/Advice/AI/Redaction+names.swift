/// Names of people.
extension Redaction {
    static let particles: Set<String> = [
        "de", "du", "des", "da", "di", "do", "dos", "del", "della", "la", "le", "les", "van", "von", "der", "den", "ter", "zu", "al", "el",
        "bin", "ibn", "y", "e", "der", "of",
    ]

    /// Begins with a capital letter.
    static func isCapitalized(_ core: String) -> Bool {
        core.unicodeScalars.first?.properties.isUppercase ?? false
            || core.unicodeScalars.first?.properties.generalCategory == .titlecaseLetter
    }

    func replaceNames(in words: inout [Word]) {
        var index = 0
        while index < words.count {
            if let range = nameRange(words, from: index) {
                let (lead, trail) = (words[range.lowerBound].lead, words[range.upperBound - 1].trail)
                let possessive = Self.possessive(of: words[range.upperBound - 1].core)
                words[range.lowerBound].core = "[name]"
                words[range.lowerBound].lead = lead
                words[range.lowerBound].trail = possessive + trail
                words.removeSubrange((range.lowerBound + 1)..<range.upperBound)
                index = range.lowerBound
            }
            index += 1
        }
    }

    /// The words of a name that begins here, or right behind an introduction that begins here.
    private func nameRange(_ words: [Word], from start: Int) -> Range<Int>? {
        if let after = NameWords.strongIntroduction(words, at: start), after < words.count, !words[after].isRedacted {
            return after..<max(after + 1, runEnd(words, from: after + 1, limit: after + 3, isOpen: words[after].trail.isEmpty))
        }
        if let after = NameWords.weakIntroduction(words, at: start), after < words.count, isNameLike(words[after]) {
            return after..<runEnd(words, from: after, limit: after + 4, isOpen: true)
        }
        guard isNameLike(words[start]) else { return nil }
        let end = runEnd(words, from: start, limit: start + 5, isOpen: true)
        if end - start >= 2 { return start..<end }
        return isSingleName(words, at: start) ? start..<end : nil
    }

    /// Behind the last word of a row of capitalised words that are no known ones.
    private func runEnd(_ words: [Word], from start: Int, limit: Int, isOpen: Bool) -> Int {
        var end = start
        var index = start
        var isOpen = isOpen
        while isOpen, index < min(limit, words.count) {
            let word = words[index]
            if isNameLike(word) || (index > start && Self.isInitial(word)) {
                end = index + 1
            } else if !(index > start && Self.particles.contains(word.core)) {
                break
            }
            isOpen = word.trail.isEmpty || Self.isInitial(word)
            index += 1
        }
        return end
    }

    func isNameLike(_ word: Word) -> Bool {
        guard !word.isRedacted, Self.isCapitalized(word.core) else { return false }
        if Self.isInitial(word) { return true }
        let plain = Self.withoutPossessive(word.lower)
        guard plain.count >= 2, plain.allSatisfy({ $0.isLetter || $0 == "-" || $0 == "'" || $0 == "’" }) else { return false }
        return !isKnown(plain) && !plain.split(separator: "-").allSatisfy { isKnown(String($0)) }
    }

    func isKnown(_ word: String) -> Bool {
        vocabulary.contains(word) || NameWords.common.contains(word) || NameWords.honorifics.contains(word)
            || word.hasSuffix("s") && vocabulary.contains(String(word.dropLast()))
    }

    /// One capitalised word alone: a given name, somebody's, or somebody to do something with.
    private func isSingleName(_ words: [Word], at index: Int) -> Bool {
        let word = words[index]
        if Self.isInitial(word) { return false }
        if NameWords.given.contains(Self.withoutPossessive(word.lower)) { return true }
        let isFirst = index == 0 || words[index - 1].trail.contains { ".!?".contains($0) }
        if isFirst { return false }
        return !Self.possessive(of: word.core).isEmpty
            || (words[index - 1].trail.isEmpty && NameWords.cues.contains(words[index - 1].lower))
    }

    /// "J." or "J.R."
    private static func isInitial(_ word: Word) -> Bool {
        word.trail.hasPrefix(".") && isCapitalized(word.core) && word.core.split(separator: ".").allSatisfy { $0.count == 1 }
    }

    private static func possessive(of core: String) -> String {
        ["'s", "’s"].first { core.lowercased().hasSuffix($0) } ?? ""
    }

    private static func withoutPossessive(_ word: String) -> String {
        possessive(of: word).isEmpty ? word : String(word.dropLast(2))
    }
}
